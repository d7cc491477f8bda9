// Owns which patterns of messages are no regular expressions of policies (RE2), as opa itself reads them: they would fit no text.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { CanonicalValue } from '../../core/canonical-json.ts';
import { memberOf, namesIn, walletsIn } from './data-parts.ts';
import { runOpa } from './opa.ts';
import { madeOnce } from './opa-cache.ts';
import type { Sentence } from './schema-sentences.ts';

const FILE = 'patterns.json';
const ASK = ['eval', '--format', 'raw', '--input', FILE, '[n | some n, text in input; not regex.is_valid(text)]'];
const INDEXES = z.array(z.int());

/** `data`: what becomes `data.countersign`, of its schema. */
export async function patternProblems(
  opa: string,
  data: CanonicalValue,
  root: readonly string[],
): Promise<readonly Sentence[]> {
  const patterns = walletsIn(data, root).flatMap(({ wallet, path }) =>
    namesIn(memberOf(memberOf(wallet, 'message_guard'), 'patterns')).map((text, index) => ({
      path: [...path, 'message_guard', 'patterns', index],
      text,
    })),
  );
  if (patterns.length === 0) return [];
  const texts = [...new Set(patterns.map(({ text }) => text))];
  const invalid = new Set((await invalidOf(opa, texts)).map((index) => texts[index]));
  return patterns
    .filter(({ text }) => invalid.has(text))
    .map(({ path }) => ({
      path,
      sentence:
        'it is no regular expression (RE2), so it fits no text; look for a bracket, or for what only other dialects have, such as (?=…) and \\1',
    }));
}

async function invalidOf(opa: string, texts: readonly string[]): Promise<readonly number[]> {
  const input = new TextEncoder().encode(JSON.stringify(texts));
  const said = await madeOnce({ opa, args: ASK, files: new Map([[FILE, input]]) }, () => asked(opa, input));
  return INDEXES.parse(JSON.parse(new TextDecoder().decode(said)));
}

async function asked(opa: string, input: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const work = await mkdtemp(join(tmpdir(), 'countersign-patterns-'));
  try {
    await writeFile(join(work, FILE), input);
    return new TextEncoder().encode(await runOpa(opa, ASK, work));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
