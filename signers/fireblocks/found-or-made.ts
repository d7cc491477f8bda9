// Owns how something is made only once at Fireblocks: it is looked for first, and each request to make it has a key by which Fireblocks knows
// it again.
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { pause } from '../pause.ts';
import { type Unmade, unmadeOf } from '../service-answer.ts';
import { FIREBLOCKS } from './fault-meaning.ts';
import type { FireblocksAnswer, FireblocksApi } from './fireblocks-api.ts';

export type Told<T> = { readonly kind: 'told'; readonly value: T } | Unmade;

export interface Wanted<T> {
  /** For people: `the vault account x`. */
  readonly name: string;
  /** `null`: it is not there. */
  readonly look: () => Promise<Told<T | null>>;
  /** What makes it. */
  readonly path: string;
  readonly body: string;
}

/** What was made may not be seen at once, and what others are making neither. */
const WAITS_MS = [0, 50, 200, 400, 800] as const;
/** Fireblocks keeps the first answer to a key for a day, refusals too: what has been put right since is asked for with another one. */
const KEY_LIFE_MS = 600_000;
const MAX_KEY_CHARACTERS = 40;

export async function foundOrMade<T>(api: FireblocksApi, wanted: Wanted<T>, signal: AbortSignal): Promise<Told<T>> {
  const { name, look, path, body } = wanted;
  let last: Unmade = { kind: 'unavailable', reason: 'the caller gave up' };
  let refusals = 0;
  for (const waitMs of WAITS_MS) {
    if (!(await pause(waitMs, signal))) return last;
    const there = await look();
    if (there.kind !== 'told') return there;
    if (there.value !== null) return { kind: 'told', value: there.value };
    const idempotencyKey = keyOf(path, body, refusals);
    const made = readAs(z.object({}), await api.call({ method: 'POST', path, body, idempotencyKey }, signal));
    if (made.kind === 'unavailable') return made;
    // It may only say that the key is used up: Fireblocks takes none again after an internal error.
    if (made.kind === 'refused') refusals += 1;
    last = made.kind === 'refused' ? made : { kind: 'unavailable', reason: `Fireblocks does not show ${name} yet` };
  }
  return last;
}

export function readAs<T>(schema: z.ZodType<T>, answer: FireblocksAnswer): Told<T> {
  if (answer.kind !== 'answered') return unmadeOf(FIREBLOCKS, answer);
  const read = schema.safeParse(answer.body);
  if (read.success) return { kind: 'told', value: read.data };
  return { kind: 'unavailable', reason: `what answered there is not ${FIREBLOCKS.name}` };
}

function keyOf(path: string, body: string, refusals: number): string {
  const parts = [path, body, refusals, Math.floor(Date.now() / KEY_LIFE_MS)];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, MAX_KEY_CHARACTERS);
}
