// Proves that what two nodes tell differently is told to nobody.
import { type Address, address, generateKeyPairSigner } from '@solana/kit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAgreeingChainReader } from './agreeing-chain-reader.ts';
import { type ChainAccount, type ChainReader, ChainUnavailable, MAX_WELCOME_BYTES } from './chain-reader.ts';
import { type Localnet, startLocalnet } from './localnet/localnet.ts';
import { rawCall } from './localnet/testing/raw-rpc.ts';
import { createRpcChainReader } from './rpc/rpc-chain-reader.ts';
import {
  answerResult,
  type Behaviour,
  type NastyServer,
  OUTAGES,
  startNastyServer,
} from './rpc/testing/nasty-server.ts';

const { signal } = new AbortController();
const TOKEN = address('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA');
const TABLES = address('AddressLookupTab1e1111111111111111111111111');
const [ACCOUNT, POOL] = [
  address('Stake11111111111111111111111111111111111111'),
  address('Vote111111111111111111111111111111111111111'),
];

/** One account, as one node tells it. */
type Told = ChainAccount | null;

function tells(entries: readonly (readonly [Address, Told])[], slot = 7): Behaviour {
  const accounts = new Map<string, Told>(entries);
  return (call, response) => {
    const addresses = addressesIn(call);
    const value = addresses.map((asked) => {
      const account = accounts.get(asked) ?? null;
      if (account === null) return null;
      const data = [Buffer.from(account.data).toString('base64'), 'base64'];
      return {
        data,
        executable: false,
        lamports: Number(account.lamports),
        owner: account.owner,
        space: account.data.length,
      };
    });
    answerResult({ context: { slot }, value })(call, response);
  };
}

function addressesIn(call: Readonly<Record<string, unknown>>): readonly string[] {
  const [addresses] = Array.isArray(call.params) ? call.params : [];
  if (!Array.isArray(addresses)) throw new Error('the call asks for no accounts');
  return addresses.map(String);
}

function account(owner: Address, data: Uint8Array, lamports = 2_039_280n): ChainAccount {
  return { owner, lamports, data };
}

function changed(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
}

const TOKEN_ACCOUNT = account(TOKEN, new Uint8Array(165).fill(3));
const MINT = account(TOKEN, new Uint8Array(82).fill(6));
const TABLE = account(TABLES, new Uint8Array(56 + 64).fill(9));

describe('two nodes that must agree', () => {
  let nodes: readonly [NastyServer, NastyServer];
  let both: ChainReader;

  beforeEach(async () => {
    nodes = [await startNastyServer(), await startNastyServer()];
    const [first, second] = nodes.map(({ url }) => createRpcChainReader({ url, timeoutMs: 300 }));
    if (first === undefined || second === undefined) throw new Error('there are two nodes');
    both = createAgreeingChainReader({ first, second, pauseMs: 1 });
    return async () => {
      await both.close();
      await Promise.all(nodes.map((node) => node.close()));
    };
  });

  it('tells what both tell, at the older of their slots', async () => {
    nodes[0].behave(tells([[ACCOUNT, TOKEN_ACCOUNT]], 9));
    nodes[1].behave(tells([[ACCOUNT, TOKEN_ACCOUNT]], 8));
    const { slot, accounts } = await both.getAccounts([ACCOUNT, POOL], signal);
    expect(slot).toBe(8n);
    expect([...accounts]).toEqual([
      [ACCOUNT, TOKEN_ACCOUNT],
      [POOL, null],
    ]);
    expect(both.endpoints).toBe(2);
    expect(nodes.map(({ calls }) => calls.length)).toEqual([1, 1]);
  });

  it.each([
    ['the owner of a token account', TOKEN_ACCOUNT, { data: changed(TOKEN_ACCOUNT.data, 32) }, 'data'],
    ['the decimals of a mint', MINT, { data: changed(MINT.data, 44) }, 'data'],
    ['an entry of a lookup table', TABLE, { data: changed(TABLE.data, 56 + 40) }, 'data'],
    ['a longer lookup table', TABLE, { data: new Uint8Array(56 + 96).fill(9) }, 'data'],
    ['the program that owns it', TOKEN_ACCOUNT, { owner: TABLES }, 'owner'],
    ['one lamport', TOKEN_ACCOUNT, { lamports: TOKEN_ACCOUNT.lamports + 1n }, 'lamports'],
  ])('tells nothing when one of them lies about %s', async (_what, truth, lie, part) => {
    for (const liar of [0, 1] as const) {
      nodes[1 - liar]?.behave(tells([[ACCOUNT, truth]]));
      nodes[liar].behave(tells([[ACCOUNT, { ...truth, ...lie }]]));
      const refused = both.getAccounts([ACCOUNT], signal);
      await expect(refused).rejects.toThrow(ChainUnavailable);
      await expect(refused).rejects.toThrow(`do not agree on the ${part} of account ${ACCOUNT}, asked 3 times`);
    }
  });

  it('tells nothing when one of them hides an account, or makes one up', async () => {
    nodes[0].behave(tells([[ACCOUNT, MINT]]));
    nodes[1].behave(tells([]));
    await expect(both.getAccounts([ACCOUNT], signal)).rejects.toThrow(`on the existence of account ${ACCOUNT}`);
    await expect(both.getAccounts([POOL, ACCOUNT], signal)).rejects.toThrow(`on the existence of account ${ACCOUNT}`);
  });

  it('asks again for what differs because one of them is a slot behind', async () => {
    const paid = account(TOKEN, changed(TOKEN_ACCOUNT.data, 64));
    nodes[0].behave(
      tells(
        [
          [ACCOUNT, paid],
          [POOL, MINT],
        ],
        9,
      ),
    );
    nodes[1].behave((call, response) => {
      const late = nodes[1].calls.length < 3;
      tells(
        [
          [ACCOUNT, late ? TOKEN_ACCOUNT : paid],
          [POOL, MINT],
        ],
        8,
      )(call, response);
    });
    const { accounts } = await both.getAccounts([ACCOUNT, POOL], signal);
    expect(accounts.get(ACCOUNT)).toEqual(paid);
    expect(accounts.get(POOL)).toEqual(MINT);
    // Only what differed is read again.
    expect(nodes[0].calls.map(addressesIn)).toEqual([[ACCOUNT, POOL], [ACCOUNT], [ACCOUNT]]);
  });

  it('tells as each of them does what was merely welcome, without asking again', async () => {
    nodes[0].behave(
      tells([
        [ACCOUNT, MINT],
        [POOL, TOKEN_ACCOUNT],
      ]),
    );
    nodes[1].behave(
      tells([
        [ACCOUNT, MINT],
        [POOL, account(TOKEN, changed(TOKEN_ACCOUNT.data, 64))],
      ]),
    );
    const { accounts, glimpsed } = await both.getAccounts([ACCOUNT], signal, [POOL, ACCOUNT]);
    expect([...accounts.keys()]).toEqual([ACCOUNT]);
    const paid = account(TOKEN, changed(TOKEN_ACCOUNT.data, 64));
    expect([...glimpsed]).toEqual([[POOL, [TOKEN_ACCOUNT, paid]]]);
    // One for each kind, at the same time.
    expect(nodes[0].calls.length).toBe(2);
  });

  it('builds no fact on a welcome account that is cut off, though both cut off the same', async () => {
    const large = account(TOKEN, new Uint8Array(MAX_WELCOME_BYTES).fill(1));
    nodes[0].behave(tells([[POOL, large]]));
    nodes[1].behave(tells([[POOL, large]]));
    const { accounts, glimpsed } = await both.getAccounts([], signal, [POOL]);
    expect([accounts.size, [...glimpsed.keys()]]).toEqual([0, [POOL]]);
    expect((await both.getAccounts([POOL], signal)).accounts.get(POOL)?.data.length).toBe(MAX_WELCOME_BYTES);
  });

  it.each(OUTAGES)('tells nothing when one of them %s', async (_case, behaviour) => {
    for (const sick of [0, 1] as const) {
      nodes[1 - sick]?.behave(tells([[ACCOUNT, MINT]]));
      nodes[sick].behave(behaviour);
      await expect(both.getAccounts([ACCOUNT], signal)).rejects.toThrow(ChainUnavailable);
    }
  });

  it('stops asking again when its caller gives up', async () => {
    nodes[0].behave(tells([[ACCOUNT, MINT]]));
    nodes[1].behave(tells([]));
    const [first, second] = nodes.map(({ url }) => createRpcChainReader({ url, timeoutMs: 300 }));
    if (first === undefined || second === undefined) throw new Error('there are two nodes');
    const patient = createAgreeingChainReader({ first, second, pauseMs: 60_000 });
    const controller = new AbortController();
    const asked = patient.getAccounts([ACCOUNT], controller.signal);
    await expect.poll(() => nodes[1].calls.length).toBe(1);
    controller.abort(new Error('deadline'));
    await expect(asked).rejects.toThrow(ChainUnavailable);
    await patient.close();
  });

  it('never repeats the data of an account or the URL of a node', async () => {
    nodes[0].behave(tells([[ACCOUNT, MINT]]));
    nodes[1].behave(tells([[ACCOUNT, TOKEN_ACCOUNT]]));
    const error = String(await both.getAccounts([ACCOUNT], signal).catch((thrown: unknown) => thrown));
    expect(error).toBe(
      `ChainUnavailable: the two RPC nodes do not agree on the data of account ${ACCOUNT}, asked 3 times`,
    );
  });
});

describe('two local chains', () => {
  let chains: readonly Localnet[];

  beforeAll(async () => {
    chains = await Promise.all([startLocalnet(), startLocalnet()]);
  });
  afterAll(async () => {
    await Promise.all(chains.map((chain) => chain.stop()));
  });

  it('agree on what both hold, and not on what only one of them was given', async () => {
    const [first, second] = chains.map(({ rpcUrl }) => createRpcChainReader({ url: rpcUrl, timeoutMs: 5_000 }));
    if (first === undefined || second === undefined) throw new Error('there are two chains');
    const both = createAgreeingChainReader({ first, second, pauseMs: 1 });
    const { address: rich } = await generateKeyPairSigner();
    expect((await both.getAccounts([rich, TOKEN], signal)).accounts.get(rich)).toBeNull();
    await rawCall(chains[0]?.rpcUrl ?? '', 'requestAirdrop', [rich, 5_000_000n]);
    await expect(both.getAccounts([rich], signal)).rejects.toThrow(`on the existence of account ${rich}`);
    await rawCall(chains[1]?.rpcUrl ?? '', 'requestAirdrop', [rich, 5_000_000n]);
    expect((await both.getAccounts([rich], signal)).accounts.get(rich)?.lamports).toBe(5_000_000n);
    expect(await both.getGenesisHash(signal)).toBe(await first.getGenesisHash(signal));
    await both.close();
  });

  it('must be of one cluster', async () => {
    const [localnet] = chains;
    const stranger = await startNastyServer();
    stranger.behave(answerResult('4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi'));
    const both = createAgreeingChainReader({
      first: createRpcChainReader({ url: localnet?.rpcUrl ?? '', timeoutMs: 5_000 }),
      second: createRpcChainReader({ url: stranger.url, timeoutMs: 5_000 }),
    });
    await expect(both.getGenesisHash(signal)).rejects.toThrow('of different clusters');
    await both.close();
    await stranger.close();
  });
});
