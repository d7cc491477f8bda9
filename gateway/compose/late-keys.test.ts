import { beforeEach, describe, expect, it } from 'vitest';
import { SCRIPTED_ADDRESS, scriptedSigner } from '../../signers/testing/scripted-signer.ts';
import type { Config } from '../config/config.ts';
import { knownAddress } from '../core/base58.ts';
import { GatewayError } from '../core/errors.ts';
import type { Wallet } from '../core/principal/principal.ts';
import { keyAddress } from '../core/transaction/testing/wire-builder.ts';
import type { ManagedWallet } from '../core/wallet/managed-wallet.ts';
import { scriptedRelayer } from '../pipeline/testing/scripted-chain.ts';
import { createLog } from '../telemetry/log.ts';
import { serveLateKeys } from './late-keys.ts';
import { type ComposedSigner, createUnopenedSigner, SignerFault } from './unopened-signer.ts';
import { routeWallets } from './wallet-routes.ts';

const LATE = knownAddress(SCRIPTED_ADDRESS);
const log = createLog('fatal', { write: () => undefined });
const signal = new AbortController().signal;
const WALLETS = [
  { id: 'lost', signers: ['lost-key'], relayers: ['node'] },
  { id: 'treasury', signers: ['main'], relayers: ['node'] },
  { id: 'elsewhere', signers: ['gone'], relayers: ['node'] },
];

let synced: readonly Wallet[];
let recordRefuses: GatewayError | null;
let managed: Map<string, ManagedWallet>;

beforeEach(() => {
  [synced, recordRefuses, managed] = [[], null, new Map()];
});

/** The addresses of the wallet `treasury`, and of `elsewhere`, as the record has it. */
function scene(main = keyAddress(1), elsewhere = keyAddress(9)) {
  const lost = (name: string, open: ComposedSigner['close'] | null) =>
    createUnopenedSigner({
      ...{ name, backend: 'local-keypair', address: '', custody: 'process' },
      fault: new SignerFault('keystore_file', 'there is none'),
      open: async () => {
        if (open === null) throw new SignerFault('keystore_file', 'there is still none');
        return { ...scriptedSigner(name, ['sign']), close: open };
      },
    });
  const treasury = { ...scriptedSigner('main', []), address: main, guardState: () => null, fault: () => null };
  const all = [lost('lost-key', async () => undefined), treasury, lost('gone', null)];
  const signers = new Map<string, ComposedSigner>(all.map((signer) => [signer.name, signer]));
  const relayers = new Map([['node', { relayer: scriptedRelayer(), feePayer: null, sponsorship: null }]]);
  const { routes, unserved } = routeWallets(WALLETS, { signers, relayers });
  const served = { routes: new Map(routes), unserved: new Map(unserved) };
  const known = [{ id: 'elsewhere', address: elsewhere }];
  const wallets = {
    list: async () => known,
    sync: async (given: readonly Wallet[]) => {
      if (recordRefuses !== null) throw recordRefuses;
      synced = given;
    },
  };
  const state = { wallets, managedWallets: { active: () => managed } };
  serveLateKeys({ config: { wallets: WALLETS, relayers: [] }, signers, relayers, served, state, log });
  const check = () => signers.get('lost-key')?.check(signal);
  return { served, check };
}

it('serves the wallet once its key is known, and keeps the others as they are in the record', async () => {
  const { served, check } = scene();
  expect([[...served.routes.keys()], [...served.unserved.keys()]]).toEqual([['treasury'], ['lost', 'elsewhere']]);
  expect(await check()).toMatchObject({ kind: 'ready' });
  expect(served.routes.get('lost')).toMatchObject({ wallet: { id: 'lost', address: LATE } });
  expect([...served.unserved.keys()]).toEqual(['elsewhere']);
  expect(synced).toEqual([
    { id: 'lost', address: LATE },
    { id: 'treasury', address: keyAddress(1) },
    { id: 'elsewhere', address: keyAddress(9) },
  ]);
});

it.each<[string, () => ReturnType<typeof scene>, string]>([
  ['is that of another wallet', () => scene(LATE), 'wallets lost and treasury have the same key'],
  [
    'is that of a wallet that was made through the gateway',
    () => {
      const key = { address: LATE, reference: {} };
      const made = { walletId: 'hot-1', template: 'hot', backend: null, state: 'ACTIVE', label: 'l', key } as const;
      const rest = { createdBy: 'olga', createdAt: 1, destroyedAt: null, keyDestroyedDetail: null, keyNote: null };
      managed.set('hot-1', { ...made, ...rest });
      return scene();
    },
    'the wallet hot-1, which was made through the gateway, has it',
  ],
  [
    'is not the one that the record has of the wallet',
    () => {
      recordRefuses = new GatewayError('INVALID_FIELD', 'the wallet lost is known with the address another');
      return scene();
    },
    'the wallet lost is known with the address another',
  ],
])('serves nothing where the key %s, and says so', async (_, open, reason) => {
  const { served, check } = open();
  const refusal = {
    kind: 'failed',
    field: 'keystore_file',
    reason: expect.stringContaining(`its key cannot be used: `),
  };
  const found = await check();
  expect(found).toMatchObject(refusal);
  expect(found).toMatchObject({ reason: expect.stringContaining(reason) });
  expect([...served.unserved.keys()]).toContain('lost');
  expect(served.routes.has('lost')).toBe(false);
});

describe('keys that are found at once', () => {
  const PLACES = [
    { id: 'one', signers: ['one-key'], relayers: ['node'] },
    { id: 'two', signers: ['two-key'], relayers: ['node'] },
  ];

  /** Of each name the address of the key that is there now; the record keeps what it takes, and retires what is not told. */
  function atOnce(addresses: Readonly<Record<string, string>>, relayers: Config['relayers'] = []) {
    const signers = new Map<string, ComposedSigner>();
    for (const [name, address] of Object.entries(addresses)) {
      const fault = new SignerFault('keystore_file', 'there is none');
      const open = async () => scriptedSigner(name, ['sign'], { address });
      signers.set(
        name,
        createUnopenedSigner({ name, backend: 'local-keypair', address: '', custody: 'process', fault, open }),
      );
    }
    const node = { relayer: scriptedRelayer(), feePayer: null, sponsorship: null };
    const config = { wallets: PLACES.filter(({ signers: [name = ''] }) => signers.has(name)), relayers };
    const parts = { signers, relayers: new Map([['node', node]]) };
    const { routes, unserved } = routeWallets(config.wallets, parts);
    const served = { routes: new Map(routes), unserved: new Map(unserved) };
    let recorded: readonly Wallet[] = [];
    const wallets = {
      list: async () => recorded,
      sync: async (given: readonly Wallet[]) => {
        await Promise.resolve();
        recorded = given;
      },
    };
    const state = { wallets, managedWallets: { active: () => managed } };
    serveLateKeys({ config, ...parts, served, state, log });
    const check = () => Promise.all([...signers.values()].map((signer) => signer.check(signal)));
    return { served, check, recorded: () => recorded };
  }

  it('are of one wallet only: a copy serves no second one', async () => {
    const { served, check } = atOnce({ 'one-key': LATE, 'two-key': LATE });
    const reason = expect.stringContaining('wallets one and two have the same key');
    expect(await check()).toMatchObject([{ kind: 'ready' }, { kind: 'failed', reason }]);
    expect([[...served.routes.keys()], [...served.unserved.keys()]]).toEqual([['one'], ['two']]);
  });

  it('are of a wallet or of a sponsor, and not of both', async () => {
    const sponsor = { kind: 'sponsor', name: 'ours', signer: 'payer', sender: 'node', accountRent: 'none' } as const;
    const terms = { maxPerTransaction: 1n, perAgentPerDay: 1n, perDay: 1n, payment: null, alertBelow: 0n };
    const { check } = atOnce({ 'one-key': LATE, payer: LATE }, [{ ...sponsor, ...terms }]);
    expect(await check()).toMatchObject([
      { kind: 'ready' },
      { kind: 'failed', reason: expect.stringContaining('a fee payer needs one of its own') },
    ]);
  });

  it('are all kept in the record', async () => {
    const { served, check, recorded } = atOnce({ 'one-key': keyAddress(1), 'two-key': keyAddress(2) });
    expect(await check()).toMatchObject([{ kind: 'ready' }, { kind: 'ready' }]);
    expect([...served.routes.keys()]).toEqual(['one', 'two']);
    expect(recorded().map(({ id }) => id)).toEqual(['one', 'two']);
  });
});

it('is of no wallet that another gateway serves, though its own keystore is not here', async () => {
  const { served, check } = scene(keyAddress(1), LATE);
  expect(await check()).toMatchObject({
    kind: 'failed',
    reason: expect.stringContaining('the wallet elsewhere has it'),
  });
  expect(served.routes.has('lost')).toBe(false);
});
