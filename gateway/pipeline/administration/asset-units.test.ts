import { type Address, address } from '@solana/kit';
import { expect, it } from 'vitest';
import { type ChainAccounts, type ChainReader, ChainUnavailable } from '../../../relayer/chain-reader.ts';
import { TOKEN_2022_PROGRAM, TOKEN_PROGRAM } from '../../core/transaction/programs/program-ids.ts';
import type { PolicyGeneration } from '../../policy/policy-engine.ts';
import { createChainCache } from '../facts/chain-cache.ts';
import { createAssetUnits } from './asset-units.ts';

const USDC: Address = address('EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v');
const PYUSD: Address = address('2b1kV6DkPAnxd5ixfnxCpjxmKwqjjaYmCZfHsFu24GXo');
const WALLET: Address = address('4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T');

function scene(assets: PolicyGeneration['assets'] = new Map()) {
  const held = new Map<string, ChainAccounts['accounts'] extends ReadonlyMap<unknown, infer A> ? A : never>();
  const asked: (readonly string[])[] = [];
  const script = { now: 0, isAway: false };
  const getAccounts: ChainReader['getAccounts'] = async (addresses) => {
    asked.push(addresses);
    if (script.isAway) throw new ChainUnavailable('the chain is away');
    return {
      slot: 1n,
      accounts: new Map(addresses.map((each) => [each, held.get(each) ?? null])),
      glimpsed: new Map(),
    };
  };
  const notPlanned = (): never => {
    throw new Error('the test did not plan this call');
  };
  const generation = {
    bundleRevision: 'r1',
    describedPrograms: new Map(),
    timeZones: [],
    assets,
    agentGroups: null,
    evaluate: notPlanned,
    explain: notPlanned,
  };
  const chainCache = createChainCache();
  const deps = { chain: { getAccounts }, chainCache, policy: { current: () => generation } };
  return { held, asked, script, chainCache, units: createAssetUnits(deps, () => script.now) };
}

function mint(decimals: number, owner = TOKEN_PROGRAM) {
  const data = new Uint8Array(82);
  data.set([decimals, 1], 44);
  return { owner, lamports: 1n, data };
}

it('takes decimals from the chain, and a symbol from the policy where its decimals are the same', async () => {
  const { held, units } = scene(
    new Map([
      [USDC, { symbol: 'USDC', decimals: 6 }],
      [PYUSD, { symbol: 'PYUSD', decimals: 9 }],
    ]),
  );
  held.set(USDC, mint(6)).set(PYUSD, mint(6, TOKEN_2022_PROGRAM));
  expect([...(await units(['SOL', USDC, PYUSD]))]).toEqual([
    [USDC, { decimals: 6, symbol: 'USDC', fromChain: true }],
    [PYUSD, { decimals: 6, symbol: null, fromChain: true }],
  ]);
});

it('takes them from the policy where the chain does not tell, and from nobody where there is no such mint', async () => {
  const { held, units } = scene(new Map([[USDC, { symbol: 'USDC', decimals: 6 }]]));
  held.set(WALLET, { owner: WALLET, lamports: 1n, data: new Uint8Array(82) });
  expect([...(await units([USDC, PYUSD, WALLET, 'no address']))]).toEqual([
    [USDC, { decimals: 6, symbol: 'USDC', fromChain: false }],
  ]);
});

it('asks the chain of each once in a while, whether or not it told', async () => {
  const { held, asked, script, units } = scene();
  held.set(USDC, mint(6)).set(PYUSD, mint(8, TOKEN_2022_PROGRAM));
  script.isAway = true;
  expect((await units([USDC, PYUSD])).size).toBe(0);
  script.isAway = false;
  expect((await units([USDC, PYUSD])).size).toBe(0);
  expect(asked).toEqual([[USDC, PYUSD]]);
  script.now = 30_000;
  expect((await units([USDC, PYUSD])).size).toBe(2);
  expect((await units([PYUSD, USDC])).size).toBe(2);
  expect(asked).toHaveLength(2);
  script.now = 60_000;
  await units([USDC, PYUSD]);
  expect(asked.slice(2)).toEqual([[USDC, PYUSD]]);
});

it('leaves nothing behind that requests are judged by, whatever a node says of a mint while people look', async () => {
  const { held, chainCache, units } = scene();
  held.set(USDC, mint(0));
  expect((await units([USDC])).get(USDC)).toMatchObject({ decimals: 0 });
  expect([chainCache.decimals(USDC), chainCache.entries]).toEqual([null, 0]);
  chainCache.note(USDC, mint(6), 2n);
  expect((await units([USDC])).get(USDC)).toMatchObject({ decimals: 6 });
});

it('tells of a mint with as many decimals as a byte holds, and of none whose account is something else', async () => {
  const { held, units } = scene();
  held.set(USDC, mint(255));
  held.set(PYUSD, { ...mint(6, TOKEN_2022_PROGRAM), data: new Uint8Array(165).fill(1) });
  expect([...(await units([USDC, PYUSD]))]).toEqual([[USDC, { decimals: 255, symbol: null, fromChain: true }]]);
});
