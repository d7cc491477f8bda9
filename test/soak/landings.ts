// Owns the soak's own look at the chain: what landed from the wallet, read while it goes on, because a node keeps only the newest.
import { setTimeout as delay } from 'node:timers/promises';
import { type Address, createSolanaRpc, type Signature } from '@solana/kit';
import type { Landing } from './evidence.ts';

export interface LandingWatch {
  readonly landings: readonly Landing[];
  /** Reads what is left, and returns the balance of the wallet after it. */
  finish(): Promise<bigint>;
}

const LOOK_MS = 500;
const PAGE = 1_000;
const AT_ONCE = 16;
const DAY_SECONDS = 86_400n;

/** Begins with what lands next. */
export async function watchLandings(rpcUrl: string, wallet: Address, slotMilliseconds: number): Promise<LandingWatch> {
  const rpc = createSolanaRpc(rpcUrl);
  const landings: Landing[] = [];
  let newest = (await page(null))[0];

  async function page(until: Signature | null, before?: Signature): Promise<readonly Signature[]> {
    const bounds = { ...(until === null ? {} : { until }), ...(before === undefined ? {} : { before }) };
    const config = { commitment: 'confirmed', limit: PAGE, ...bounds } as const;
    return (await rpc.getSignaturesForAddress(wallet, config).send()).map(({ signature }) => signature);
  }

  async function look(): Promise<void> {
    const found: Signature[] = [];
    for (let below: Signature | undefined; ; below = found.at(-1)) {
      const next = await page(newest ?? null, below);
      found.push(...next);
      if (next.length < PAGE) break;
    }
    newest = found[0] ?? newest;
    for (let at = 0; at < found.length; at += AT_ONCE) {
      landings.push(...(await Promise.all(found.slice(at, at + AT_ONCE).map(read))));
    }
  }

  async function read(signature: Signature): Promise<Landing> {
    const config = { commitment: 'confirmed', encoding: 'json', maxSupportedTransactionVersion: 0 } as const;
    const found = await rpc.getTransaction(signature, config).send();
    if (found === null || found.meta === null) throw new Error(`the chain lists ${signature} and does not have it`);
    const { meta, slot, blockTime, transaction } = found;
    const at = transaction.message.accountKeys.indexOf(wallet);
    const [before, after] = [meta.preBalances[at], meta.postBalances[at]];
    if (before === undefined || after === undefined) throw new Error(`${signature} does not name the wallet`);
    return {
      signature,
      time: Number(slot) * slotMilliseconds,
      day: Number(BigInt(blockTime ?? 0) / DAY_SECONDS),
      hasFailed: meta.err !== null,
      lamports: before - after - meta.fee,
      fee: meta.fee,
    };
  }

  const stopping = new AbortController();
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      await look();
      await delay(LOOK_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  // Told by finish().
  watching.catch(() => undefined);
  return {
    landings,
    finish: async () => {
      stopping.abort();
      await watching;
      await look();
      return (await rpc.getBalance(wallet, { commitment: 'confirmed' }).send()).value;
    },
  };
}
