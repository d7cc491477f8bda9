// Proves that one of several nodes alone can neither make a transaction one that landed for good nor one that failed.
import { beforeEach, describe, expect, it } from 'vitest';
import { type ChainReader, ChainUnavailable, type SignatureStatus } from '../../../relayer/chain-reader.ts';
import { scriptedChain } from '../testing/scripted-chain.ts';
import { witnessFinality } from './finality.ts';
import type { Lookup } from './lookup.ts';
import { openSight } from './sight.ts';

const { signal } = new AbortController();
const NO_LOOKUP: Lookup = {
  isNamed: () => true,
  find: () => ({ kind: 'unknowable' }),
  ended: async () => undefined,
  read: async () => null,
};

/** What a node says of a signature: landed, failed, confirmed only, not found, no answer. */
type Word = 'L' | 'F' | 'c' | '-' | 'x';

const LANDED: SignatureStatus = { commitment: 'finalized', slot: 77n, error: null };
const FAILED: SignatureStatus = { commitment: 'finalized', slot: 78n, error: '"x"' };
const STATUS: { readonly [W in Word]: SignatureStatus | null } = {
  L: LANDED,
  F: FAILED,
  c: { commitment: 'confirmed', slot: 77n, error: null },
  '-': null,
  x: null,
};

let calls: string[][];

beforeEach(() => {
  calls = [];
});

/** Each node says the same of every signature, or for each what `words` has for it. */
function chainOf(words: readonly (Word | ReadonlyMap<string, Word>)[], witnesses: number): ChainReader {
  const base = scriptedChain();
  const nodes = words.map((word, n): ChainReader => {
    const wordFor = (signature: string): Word => (typeof word === 'string' ? word : (word.get(signature) ?? '-'));
    return {
      ...base,
      host: `node-${n}`,
      getSignatureStatuses: async (signatures) => {
        calls.push([`node-${n}`, ...signatures]);
        if (word === 'x') throw new ChainUnavailable('it is away');
        return { slot: 100n, statuses: signatures.map((signature) => STATUS[wordFor(signature)]) };
      },
    };
  });
  return { ...base, witnesses, nodes: () => nodes };
}

async function finalityBy(words: string, witnesses: number): Promise<string> {
  const chain = chainOf(
    [...words].filter((word) => isWord(word)),
    witnesses,
  );
  const finality = (await witnessFinality(chain, ['s'], signal)).get('s');
  if (finality?.kind !== 'certain') return 'open';
  return finality.status.error === null ? 'landed' : 'failed';
}

function isWord(text: string): text is Word {
  return Object.hasOwn(STATUS, text);
}

describe('the end of a transaction', () => {
  it.each<[string, number, string, number]>([
    ['LL', 2, 'landed', 2],
    ['FF', 2, 'failed', 2],
    ['LLF', 2, 'landed', 2],
    ['FFL', 2, 'failed', 2],
    ['LF', 2, 'open', 2],
    ['L-', 2, 'open', 2],
    ['Lc', 2, 'open', 2],
    ['Lx', 2, 'open', 2],
    ['Fx', 2, 'open', 2],
    ['L-L', 2, 'landed', 3],
    ['FLL', 2, 'landed', 3],
    ['LxL', 2, 'landed', 3],
    ['FxF', 2, 'failed', 3],
    // What fails gives money back: no node that is asked may show the opposite.
    ['LFF', 2, 'open', 3],
    ['FLF', 2, 'open', 3],
    ['xxx', 2, 'open', 3],
    ['LL-', 3, 'open', 3],
    ['L', 2, 'open', 1],
  ])('by nodes that say %s, of which %i must agree, is %s after %i calls', async (words, witnesses, end, asked) => {
    expect(await finalityBy(words, witnesses)).toBe(end);
    expect(calls).toHaveLength(asked);
  });

  it('for no words of three nodes is believed of one that stands alone', async () => {
    const words = ['L', 'F', 'c', '-', 'x'];
    for (const a of words) {
      for (const b of words) {
        for (const c of words) {
          const end = await finalityBy(a + b + c, 2);
          const count = (word: string) => [a, b, c].filter((each) => each === word).length;
          if (end === 'landed') expect(count('L')).toBeGreaterThanOrEqual(2);
          if (end === 'failed') expect(count('F')).toBeGreaterThanOrEqual(2);
          // Where two agree and nobody contradicts, it has an end.
          if (end === 'open') expect(count('L') < 2 && (count('F') < 2 || count('L') > 0)).toBe(true);
        }
      }
    }
  });

  it('that is open comes with what each node showed', async () => {
    const chain = chainOf(['L', 'F', 'x'], 2);
    expect((await witnessFinality(chain, ['s'], signal)).get('s')).toEqual({
      kind: 'open',
      showings: [
        { node: 'node-0', shows: 'finalized' },
        { node: 'node-1', shows: 'finalized_with_error' },
        { node: 'node-2', shows: 'no_answer' },
      ],
    });
  });
});

describe('the questions', () => {
  const options = {
    resendIsDue: () => false,
    patienceIsOver: () => false,
    unusedUntil: () => new Map<string, bigint>(),
    lookup: NO_LOOKUP,
    signal,
  };
  const sightOf = (chain: ChainReader) => openSight({ chain, now: () => 0 }, [], options);

  it('are one for each node that must agree, for all that are looked at together, and no more where those agree', async () => {
    const sight = sightOf(chainOf(['L', 'L', 'L'], 2));
    const signatures = Array.from({ length: 256 }, (_, i) => `s${i}`);
    const told = await Promise.all(signatures.map((signature) => sight.finality(signature, LANDED)));
    expect(new Set(told.map(({ kind }) => kind))).toEqual(new Set(['certain']));
    expect(calls).toEqual([
      ['node-0', ...signatures],
      ['node-1', ...signatures],
    ]);
  });

  it('to a further node are only about what is open still', async () => {
    const agreed = new Map<string, Word>([
      ['a', 'L'],
      ['b', 'L'],
    ]);
    const behind = new Map<string, Word>([
      ['a', 'L'],
      ['b', 'c'],
    ]);
    const sight = sightOf(chainOf([agreed, behind, agreed], 2));
    await Promise.all(['a', 'b'].map((signature) => sight.finality(signature, LANDED)));
    expect(calls.at(-1)).toEqual(['node-2', 'b']);
    expect(calls).toHaveLength(3);
  });

  it('are none where one node is enough: it has just told', async () => {
    const sight = sightOf(chainOf(['-', '-'], 1));
    expect(await sight.finality('s', { ...LANDED, commitment: 'confirmed' })).toEqual({ kind: 'open', showings: [] });
    expect(await sight.finality('s', FAILED)).toEqual({ kind: 'certain', status: FAILED });
    expect(calls).toEqual([]);
  });
});
