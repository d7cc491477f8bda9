import { expect, it } from 'vitest';
import type { Relayer, SubmitResult } from '../../relayer/relayer.ts';
import type { Signer } from '../../signers/signer.ts';
import { askContext, scriptedSigner, unavailable } from '../../signers/testing/scripted-signer.ts';
import type { OpenedRelayer } from './relayers.ts';
import { SignerFault } from './unopened-signer.ts';
import { routeWallets } from './wallet-routes.ts';

const FAULT = new SignerFault('keystore_file', 'it is not there');
const UNKNOWN: SubmitResult = { kind: 'unknown', reason: 'no answer' };

function relayer(name: string, answer: SubmitResult): OpenedRelayer {
  const sender: Relayer = {
    name,
    backend: 'rpc',
    lack: () => null,
    submit: async () => answer,
    check: async () => ({ kind: 'ready', detail: name }),
    close: async () => undefined,
  };
  return { relayer: sender, feePayer: null, sponsorship: null };
}

function parts(signers: readonly Signer[]) {
  const relayers = [relayer('first', UNKNOWN), relayer('second', { kind: 'accepted' })];
  return {
    signers: new Map(signers.map((signer) => [signer.name, { ...signer, fault: () => FAULT }])),
    relayers: new Map(relayers.map((opened) => [opened.relayer.name, opened])),
  };
}

it('a wallet goes to its signer and its relayer, and to their fallbacks where those fail', async () => {
  const signers = [scriptedSigner('away', [unavailable(false)]), scriptedSigner('spare', ['sign'])];
  const wallet = { id: 'treasury', signers: ['away', 'spare'], relayers: ['first', 'second'] };
  const route = routeWallets([wallet], parts(signers)).routes.get('treasury');
  expect(await route?.signer.sign(Uint8Array.of(1), askContext())).toMatchObject({ madeBy: { name: 'spare' } });
  expect(await route?.relayer.submit(Uint8Array.of(1), new AbortController().signal)).toEqual({ kind: 'accepted' });
});

it('a wallet without fallbacks has the signer and relayer themselves', () => {
  const signer = scriptedSigner('only', ['sign']);
  const given = parts([signer]);
  const { routes } = routeWallets([{ id: 'treasury', signers: ['only'], relayers: ['first'] }], given);
  expect(routes.get('treasury')?.signer).toBe(given.signers.get('only'));
  expect(routes.get('treasury')?.relayer).toBe(given.relayers.get('first')?.relayer);
});

it('a signer whose key nobody knows is passed over, and a wallet with no other one is not routed', () => {
  const signers = [scriptedSigner('gone', ['sign'], { address: '' }), scriptedSigner('spare', ['sign'])];
  const wallets = [
    { id: 'treasury', signers: ['gone', 'spare'], relayers: ['first'] },
    { id: 'lost', signers: ['gone'], relayers: ['first'] },
  ];
  const { routes, unserved } = routeWallets(wallets, parts(signers));
  expect(routes.get('treasury')?.signer.name).toBe('spare');
  expect([[...routes.keys()], [...unserved.keys()]]).toEqual([['treasury'], ['lost']]);
  const lost = unserved.get('lost');
  expect(lost).toMatchObject({ id: 'lost', signer: 'gone', relayer: 'first' });
  expect(lost?.fault()).toEqual({ field: 'keystore_file', reason: 'it is not there' });
});
