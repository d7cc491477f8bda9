import { expect, it } from 'vitest';
import type { Signer } from '../../signers/signer.ts';
import {
  askContext,
  SCRIPTED_ADDRESS,
  type ScriptedSigner,
  scriptedSigner,
} from '../../signers/testing/scripted-signer.ts';
import { knownAddress } from '../core/base58.ts';
import type { ManagedWallet } from '../core/wallet/managed-wallet.ts';
import type { UnservedWallet, WalletRoute } from '../pipeline/pipeline-deps.ts';
import { createLog } from '../telemetry/log.ts';
import { serveManagedWallets } from './managed-routes.ts';
import type { OpenedRelayer } from './relayers.ts';
import { composeTemplate } from './templates/composed-template.ts';

const log = createLog('fatal', { write: () => undefined });
const message = Uint8Array.of(1, 2, 3);

function managed(walletId: string, template = 'agents'): ManagedWallet {
  return {
    walletId,
    template,
    backend: 'scripted',
    state: 'ACTIVE',
    label: `${walletId}-01234567`,
    key: { address: knownAddress(SCRIPTED_ADDRESS), reference: { key: walletId } },
    createdBy: 'olga',
    createdAt: 1,
    destroyedAt: null,
    keyDestroyedDetail: null,
    keyNote: null,
  };
}

function relayer(name: string): OpenedRelayer {
  const check = async () => ({ kind: 'ready' as const, detail: name });
  const submit = async () => ({ kind: 'accepted' as const });
  return {
    relayer: { name, backend: 'rpc', lack: () => null, submit, check, close: async () => undefined },
    feePayer: null,
    sponsorship: null,
  };
}

function serve(
  first: readonly ManagedWallet[],
  { backend = 'scripted', holderOf = (_address: string): string | null => null } = {},
) {
  const opened: ScriptedSigner[] = [];
  const template = composeTemplate({
    terms: { name: 'agents', relayers: ['node'], maxWallets: 10, allowExport: false, allowImport: false },
    opened: {
      creator: {
        backend,
        create: async () => ({ kind: 'refused', reason: 'not here' }),
        findBy: null,
        destroy: null,
        export: null,
        import: null,
        check: async () => ({ kind: 'ready', detail: '' }),
        close: async () => undefined,
      },
      openSigner: async (): Promise<Signer> => {
        const signer = scriptedSigner('agents', ['sign']);
        opened.push(signer);
        return signer;
      },
      guard: { timeoutMs: null, maxInFlight: 4, maxWaiting: 4 },
    },
    fault: () => null,
    tryAgain: async () => undefined,
    signerTimeoutMs: 1_000,
    breakerMoved: () => undefined,
  });
  let active = new Map(first.map((wallet) => [wallet.walletId, wallet]));
  let changed = (): void => undefined;
  const served = {
    routes: new Map<string, WalletRoute>(),
    unserved: new Map<string, UnservedWallet>(),
    signers: new Map(),
  };
  const routes = serveManagedWallets({
    store: {
      active: () => active,
      onChange: (callback) => {
        changed = callback;
        return () => {
          changed = () => undefined;
        };
      },
    },
    templates: new Map([['agents', template]]),
    relayers: new Map([['node', relayer('node')]]),
    holderOf,
    served,
    log,
  });
  const become = (wallets: readonly ManagedWallet[]): void => {
    active = new Map(wallets.map((wallet) => [wallet.walletId, wallet]));
    changed();
  };
  return { ...served, all: routes, opened, become };
}

it('those of the record are served from the start, and opened by the first who needs one', async () => {
  const { routes, signers, opened, all } = serve([managed('agent-1')]);
  const route = routes.get('agent-1');
  expect(opened).toEqual([]);
  expect(await route?.signer.sign(message, askContext())).toMatchObject({ kind: 'signed' });
  expect(opened).toHaveLength(1);
  expect(route).toMatchObject({ wallet: { id: 'agent-1', address: SCRIPTED_ADDRESS }, relayer: { name: 'node' } });
  expect(route?.signer).toMatchObject({ name: 'agents', custody: 'remote' });
  expect([...signers.keys()]).toEqual(['agents/agent-1']);
  expect(signers.get('agents/agent-1')).toMatchObject({ name: 'agents/agent-1', template: 'agents' });
  expect(all.configs()).toEqual([{ id: 'agent-1', signers: ['agents/agent-1'], relayers: ['node'] }]);
});

it('one that is made later is served at once; the others stay as they are', () => {
  const { routes, become } = serve([managed('agent-1')]);
  const before = routes.get('agent-1');
  become([managed('agent-1'), managed('agent-2')]);
  expect([...routes.keys()]).toEqual(['agent-1', 'agent-2']);
  expect(routes.get('agent-1')).toBe(before);
});

it('one that is destroyed is gone, and its signer closed', async () => {
  const { routes, signers, opened, become, all } = serve([managed('agent-1')]);
  const route = routes.get('agent-1');
  await route?.signer.sign(message, askContext());
  become([]);
  expect([routes.size, signers.size, all.configs()]).toEqual([0, 0, []]);
  expect(await route?.signer.sign(message, askContext())).toMatchObject({ kind: 'unavailable', ambiguous: false });
  await expect.poll(() => opened[0]?.isClosed()).toBe(true);
});

it('one that is another key by now, in a database that was put back, is that one and not the one before', async () => {
  const { routes, opened, become } = serve([managed('agent-1')]);
  const before = routes.get('agent-1');
  await before?.signer.sign(message, askContext());
  const key = { address: knownAddress('11111111111111111111111111111112'), reference: { key: 'agent-1-anew' } };
  become([{ ...managed('agent-1'), key }]);
  expect(routes.get('agent-1')?.wallet.address).toBe(key.address);
  expect(await before?.signer.sign(message, askContext())).toMatchObject({ kind: 'unavailable', ambiguous: false });
  await expect.poll(() => opened[0]?.isClosed()).toBe(true);
});

it('whether a backend may have signed goes by the key of the record, not by what the template is now', () => {
  const { address } = managed('agent-1').key ?? {};
  const keystore = { address: knownAddress(address ?? ''), reference: { keystore: '{}' } };
  const both = [managed('at-backend'), { ...managed('in-process'), key: keystore }];
  for (const backend of ['local-keypair', 'vault-transit']) {
    const { routes } = serve(both, { backend });
    expect(routes.get('at-backend')?.signer.custody).toBe('remote');
    expect(routes.get('in-process')?.signer.custody).toBe('process');
  }
});

it('one whose key the configuration names for something else signs nothing, and says for what', () => {
  const holderOf = (address: string) => (address === SCRIPTED_ADDRESS ? 'the fee payer of the relayer sponsor' : null);
  const { routes, signers, unserved } = serve([managed('agent-1')], { holderOf });
  expect([routes.size, signers.size]).toEqual([0, 0]);
  expect(unserved.get('agent-1')?.fault().reason).toContain('its key is that of the fee payer of the relayer sponsor');
});

it('one whose template is not configured here is known, and says what is missing', () => {
  const { routes, unserved, become } = serve([managed('old', 'gone')]);
  expect(routes.size).toBe(0);
  expect(unserved.get('old')).toMatchObject({ address: SCRIPTED_ADDRESS, signer: 'gone' });
  expect(unserved.get('old')?.fault()).toEqual({
    field: null,
    reason: 'wallet_templates has no gone, from which it was made',
  });
  become([]);
  expect(unserved.size).toBe(0);
});

it('after the stop nothing changes any more', async () => {
  const { routes, become, all } = serve([]);
  await all.stop();
  become([managed('agent-1')]);
  expect(routes.size).toBe(0);
});
