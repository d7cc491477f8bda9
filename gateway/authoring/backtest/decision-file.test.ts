import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decisionLine, type LoggedDecision } from '../../policy/decision-log/decision-line.ts';
import { decisionsInFile } from './decision-file.ts';

let work: string;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'countersign-decision-file-'));
});

afterAll(() => rm(work, { recursive: true, force: true }));

function decision(number: number, padding = 0): LoggedDecision {
  return {
    requestId: `request-${number}`,
    decisionId: 'd',
    agentId: 'trader',
    walletId: 'treasury',
    time: number,
    bundleRevision: 'r1',
    verdict: { kind: 'allow', reasons: [] },
    input: new TextEncoder().encode(`{"filler":"${'x'.repeat(padding)}"}`),
  };
}

async function read(text: string): Promise<readonly LoggedDecision[]> {
  const file = join(work, 'decisions.jsonl');
  await writeFile(file, text);
  return Array.fromAsync(decisionsInFile(file));
}

describe('a file of decisions', () => {
  it('is read one by one, over the edges of what is read at once, with and without a last line feed', async () => {
    const decisions = Array.from({ length: 40 }, (_, i) => decision(i, i % 3 === 0 ? 200_000 : 10));
    const text = decisions.map(decisionLine).join('');
    expect(await read(text)).toEqual(decisions);
    expect(await read(text.trimEnd())).toEqual(decisions);
    expect(await read('')).toEqual([]);
  });

  it('that is cut or changed is refused with the line', async () => {
    const text = [decision(1), decision(2)].map(decisionLine).join('');
    await expect(read(text.slice(0, -20))).rejects.toThrow(/decisions\.jsonl:2: it is cut, or was changed/);
    await expect(read(`${text}\n`)).rejects.toThrow(/:3: it is no line of a decision log/);
    await expect(read('x'.repeat(9 * 1024 * 1024))).rejects.toThrow(/:1: it is longer than/);
  });

  it('that is not there is said so', async () => {
    await expect(Array.fromAsync(decisionsInFile(join(work, 'none')))).rejects.toThrow(/none cannot be read \(ENOENT/);
  });
});
