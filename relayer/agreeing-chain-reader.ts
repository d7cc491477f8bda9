// Owns reading accounts from two nodes that must agree, so that neither of them alone can tell what is not so.
import { setTimeout as delay } from 'node:timers/promises';
import type { Address } from '@solana/kit';
import { type ChainAccount, type ChainAccounts, type ChainReader, ChainUnavailable } from './chain-reader.ts';
import { oldestSlot } from './oldest-slot.ts';

export interface AgreeingChainReaderOptions {
  readonly first: ChainReader;
  /** Asked about accounts and for the genesis hash, and about nothing else. */
  readonly second: ChainReader;
  /** How often accounts are read until both say the same. Default 3. */
  readonly attempts?: number;
  /** Between two attempts; default 250 ms, about half a slot. */
  readonly pauseMs?: number;
}

type Part = 'existence' | 'owner' | 'lamports' | 'data';

interface Compared {
  readonly slot: bigint;
  readonly agreed: ReadonlyMap<Address, ChainAccount | null>;
  readonly disputed: ReadonlyMap<Address, Part>;
  readonly glimpsed: ReadonlyMap<Address, readonly (ChainAccount | null)[]>;
}

/**
 * The nodes see a slot at slightly different times: what they differ in is read again a few times, then it is ChainUnavailable. So it is
 * when one of them cannot be asked. Closes both.
 */
export function createAgreeingChainReader(options: AgreeingChainReaderOptions): ChainReader {
  const { first, second } = options;
  return {
    ...first,
    endpoints: first.endpoints + second.endpoints,
    getAccounts: (addresses, signal, welcome = []) => readAgreed(options, addresses, signal, welcome),
    getGenesisHash: async (signal) => {
      const [one, other] = await Promise.all([first.getGenesisHash(signal), second.getGenesisHash(signal)]);
      if (one === other) return one;
      throw new ChainUnavailable(`the two RPC nodes are of different clusters: genesis hash ${one} and ${other}`);
    },
    close: async () => {
      await Promise.all([first.close(), second.close()]);
    },
  };
}

async function readAgreed(
  { first, second, attempts = 3, pauseMs = 250 }: AgreeingChainReaderOptions,
  addresses: readonly Address[],
  signal: AbortSignal,
  welcome: readonly Address[],
): Promise<ChainAccounts> {
  const read = async (wanted: readonly Address[], also: readonly Address[]): Promise<Compared> =>
    compare(
      await Promise.all([first.getAccounts(wanted, signal, also), second.getAccounts(wanted, signal, also)]),
      wanted,
      also,
    );
  let { slot, agreed, disputed, glimpsed } = await read(addresses, welcome);
  for (let attempt = 1; attempt < attempts && disputed.size > 0; attempt++) {
    await pause(pauseMs, signal);
    const again = await read([...disputed.keys()], []);
    slot = oldestSlot(slot, again.slot);
    agreed = new Map([...agreed, ...again.agreed]);
    disputed = again.disputed;
  }
  const [unsettled] = disputed;
  if (unsettled === undefined) return { slot, accounts: agreed, glimpsed };
  const [address, part] = unsettled;
  throw new ChainUnavailable(
    `the two RPC nodes do not agree on the ${part} of account ${address}, asked ${attempts} times`,
  );
}

function compare(
  answers: readonly [ChainAccounts, ChainAccounts],
  wanted: readonly Address[],
  welcome: readonly Address[],
): Compared {
  const [one, other] = answers;
  const agreed = new Map<Address, ChainAccount | null>();
  const disputed = new Map<Address, Part>();
  for (const address of wanted) {
    const account = one.accounts.get(address) ?? null;
    const part = differingPart(account, other.accounts.get(address) ?? null);
    if (part === null) agreed.set(address, account);
    else disputed.set(address, part);
  }
  const glimpsed = new Map<Address, readonly (ChainAccount | null)[]>();
  for (const address of welcome) {
    if (agreed.has(address) || disputed.has(address)) continue;
    const [account, twin] = [one.accounts.get(address), other.accounts.get(address)];
    if (account !== undefined && twin !== undefined && differingPart(account, twin) === null)
      agreed.set(address, account);
    else glimpsed.set(address, [...toldBy(one, address), ...toldBy(other, address)]);
  }
  return { slot: oldestSlot(one.slot, other.slot), agreed, disputed, glimpsed };
}

function toldBy({ accounts, glimpsed }: ChainAccounts, address: Address): readonly (ChainAccount | null)[] {
  return glimpsed.get(address) ?? [accounts.get(address) ?? null];
}

function differingPart(account: ChainAccount | null, twin: ChainAccount | null): Part | null {
  if (account === null || twin === null) return account === twin ? null : 'existence';
  if (account.owner !== twin.owner) return 'owner';
  if (account.lamports !== twin.lamports) return 'lamports';
  return Buffer.compare(account.data, twin.data) === 0 ? null : 'data';
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(milliseconds, undefined, { signal });
  } catch (error) {
    throw new ChainUnavailable('the two RPC nodes did not agree before the caller gave up', { cause: error });
  }
}
