import { beforeEach, describe, expect, it, vi } from 'vitest';
import { addressFromBytes } from '../../core/base58.ts';
import type { Finding, Sought } from './history-search.ts';
import { createSearchQueue, type SearchQueue } from './search-queue.ts';

const DEAD: Finding = { kind: 'dead' };

interface Search {
  readonly signer: string;
  readonly sought: readonly Sought[];
  readonly end: PromiseWithResolvers<readonly Finding[]>;
}

let searches: Search[];
let stopping: AbortController;
let queue: SearchQueue;

beforeEach(() => {
  [searches, stopping] = [[], new AbortController()];
  queue = createSearchQueue((signer, sought) => {
    const end = Promise.withResolvers<readonly Finding[]>();
    searches.push({ signer, sought, end });
    return end.promise;
  }, stopping.signal);
});

describe('a question to a history', () => {
  it('waits for nothing: it is answered to whoever asks after the search, once', async () => {
    expect(ask(1, 'a')).toBeNull();
    expect(ask(1, 'a')).toBeNull();
    end(0, [DEAD]);
    await vi.waitFor(() => expect(ask(1, 'a')).toEqual(DEAD));
    expect(searches).toHaveLength(1);
    expect(ask(1, 'a')).toBeNull();
    expect(searches).toHaveLength(2);
  });

  it('is told what its search threw, once', async () => {
    ask(1, 'a');
    searches[0]?.end.reject(new Error('the store is away'));
    await vi.waitFor(() => expect(() => ask(1, 'a')).toThrow('the store is away'));
    expect(ask(1, 'a')).toBeNull();
  });

  it('does not stand behind another wallet whose history is slow', async () => {
    ask(1, 'slow');
    ask(2, 'b');
    end(1, [DEAD]);
    await vi.waitFor(() => expect(ask(2, 'b')).toEqual(DEAD));
    expect(ask(1, 'slow')).toBeNull();
  });

  it('is one of four searches at once, and the rest waits in turn', async () => {
    for (const wallet of [1, 2, 3, 4, 5, 6]) ask(wallet, `of ${wallet}`);
    expect(signers()).toEqual([1, 2, 3, 4].map(address));
    end(2, [DEAD]);
    await vi.waitFor(() => expect(signers()).toEqual([1, 2, 3, 4, 5].map(address)));
  });

  it('is searched for together with others of its wallet, at most 256, which leave room for other wallets', async () => {
    for (let n = 0; n < 1_000; n++) ask(1, `r${n}`);
    expect(searches.map(({ sought }) => sought.length)).toEqual([1]);
    ask(2, 'b');
    expect(signers()).toEqual([1, 2].map(address));
    end(0, [DEAD]);
    await vi.waitFor(() => expect(searches.map(({ sought }) => sought.length)).toEqual([1, 1, 256]));
    // One without a place has it when it asks again.
    expect(ask(1, 'r999')).toBeNull();
    end(2, []);
    await vi.waitFor(() => expect(searches[3]?.sought).toHaveLength(1));
  });

  it('of more than 256 wallets waits for a place', async () => {
    for (let wallet = 0; wallet < 300; wallet++) ask(wallet, `of ${wallet}`);
    for (let n = 0; n < 270; n++) {
      await vi.waitFor(() => expect(searches.length).toBeGreaterThan(Math.min(n, 259)));
      searches[n]?.end.resolve([DEAD]);
    }
    expect(searches).toHaveLength(260);
    await queue.ended();
  });

  it('is searched for no more when the tracker stops, which waits for what is under way', async () => {
    for (const wallet of [1, 2, 3, 4, 5]) ask(wallet, 'a');
    stopping.abort();
    let hasEnded = false;
    const ended = queue.ended().then(() => (hasEnded = true));
    for (const { end: under } of searches.slice(0, 3)) under.resolve([]);
    await Promise.resolve();
    expect(hasEnded).toBe(false);
    end(3, []);
    await ended;
    expect(searches).toHaveLength(4);
  });
});

function ask(wallet: number, requestId: string): Finding | null {
  return queue.ask(address(wallet), requestId, { messageDigest: requestId, overAt: 9n, earliest: 1n });
}

function end(search: number, findings: readonly Finding[]): void {
  searches[search]?.end.resolve(findings);
}

function signers(): readonly string[] {
  return searches.map(({ signer }) => signer);
}

function address(wallet: number) {
  return addressFromBytes(
    new Uint8Array(32)
      .fill(1)
      .with(0, wallet % 256)
      .with(1, wallet >> 8),
  );
}
