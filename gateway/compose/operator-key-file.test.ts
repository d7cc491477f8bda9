import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatApiKey } from '../core/principal/api-key.ts';
import { readOrMakeKey } from './operator-key-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-key-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("the operator's key file", () => {
  it('is made, readable by its owner only, where there is none, and read the next time', () => {
    const file = join(folder, 'deep', 'operator.key');
    const key = readOrMakeKey(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toBe(`${formatApiKey(key)}\n`);
    expect(readOrMakeKey(file)).toEqual(key);
  });

  it('is refused when others can read it', () => {
    const file = join(folder, 'operator.key');
    readOrMakeKey(file);
    chmodSync(file, 0o604);
    expect(() => readOrMakeKey(file)).toThrow('chmod 600');
  });

  it('is refused when it holds something else, which is not shown', () => {
    const file = join(folder, 'operator.key');
    writeFileSync(file, 'hunter2', { mode: 0o600 });
    expect(() => readOrMakeKey(file)).toThrow(/^(?!.*hunter2).*does not hold an API key/);
  });
});
