import { describe, expect, it } from 'vitest';
import type { ChainReader } from '../../relayer/chain-reader.ts';
import type { Relayer } from '../../relayer/relayer.ts';
import type { Signer, SignResult } from '../../signers/signer.ts';
import type { SponsorRelayerConfig } from '../config/relayers/sponsor.ts';
import { mintAccount, tokenAccount } from '../core/effects/testing/judge.ts';
import { keyAddress } from '../core/transaction/testing/wire-builder.ts';
import { scriptedChain, scriptedRelayer } from '../pipeline/testing/scripted-chain.ts';
import { openSponsor } from './sponsor.ts';

const ADDRESS = keyAddress(5);
const CONFIG: SponsorRelayerConfig = {
  kind: 'sponsor',
  name: 'gas-station',
  signer: 'sponsor-key',
  sender: 'node',
  maxPerTransaction: 1n,
  perAgentPerDay: 2n,
  perDay: 3n,
  accountRent: 'none',
  payment: null,
  alertBelow: 4n,
};
const { signal } = new AbortController();
const CONTEXT = { deadline: 1, idempotencyKey: 'id', signal };

function signer(change: Partial<Signer> = {}): Signer {
  return {
    name: 'sponsor-key',
    backend: 'test',
    custody: 'process',
    repeatable: true,
    address: ADDRESS,
    sign: async () => ({ kind: 'signed', signature: new Uint8Array(64) }),
    check: async () => ({ kind: 'ready', detail: 'a key' }),
    close: async () => undefined,
    ...change,
  };
}

function open(
  key: Signer,
  chain: ChainReader = rich(1n),
  sender: Relayer = scriptedRelayer(),
  config: SponsorRelayerConfig = CONFIG,
) {
  return openSponsor(config, sender, new Map([[key.name, key]]), chain);
}

function rich(lamports: bigint): ChainReader {
  const chain = scriptedChain();
  chain.held.set(ADDRESS, { owner: ADDRESS, lamports, data: new Uint8Array() });
  return chain;
}

describe('the fee payer over a signer', () => {
  it.each<[SignResult, object]>([
    [
      { kind: 'signed', signature: new Uint8Array(64).fill(3) },
      { kind: 'signed', signature: new Uint8Array(64).fill(3) },
    ],
    [
      { kind: 'refused', reason: 'no' },
      { kind: 'refused', reason: 'no' },
    ],
    [
      { kind: 'unavailable', reason: 'away', ambiguous: true },
      { kind: 'unavailable', reason: 'away' },
    ],
    [
      { kind: 'overloaded', reason: 'full' },
      { kind: 'unavailable', reason: 'full' },
    ],
  ])('answers what the signer answers: case %#', async (result, expected) => {
    const { feePayer, sponsorship } = open(signer({ sign: async () => result }));
    expect(await feePayer.cosign(new Uint8Array([1]), new Uint8Array([2]), CONTEXT)).toEqual(expected);
    expect([feePayer.address, feePayer.backend, sponsorship]).toMatchObject([
      ADDRESS,
      'sponsor',
      { address: ADDRESS, perDay: 3n },
    ]);
  });

  it('is nobody while the address of its key is not known: wallets pay themselves', async () => {
    const { feePayer, sponsorship, relayer } = open(signer({ address: '' }));
    expect([feePayer.address, sponsorship]).toEqual([null, null]);
    expect(await relayer.check(signal)).toMatchObject({ kind: 'failed', field: 'signer' });
  });

  it('needs its signer', () => {
    expect(() => open(signer({ name: 'other' }))).toThrow(/its signer sponsor-key is not there/);
  });
});

describe('its check', () => {
  const failing = { kind: 'failed', field: 'url', reason: 'broken' } as const;

  it('shows what is wrong at the key of its entry', async () => {
    const sender = { ...scriptedRelayer(), check: async () => failing };
    expect(await open(signer(), rich(1n), sender).relayer.check(signal)).toEqual({ ...failing, field: 'relayer' });
    const key = signer({ check: async () => failing });
    expect(await open(key).relayer.check(signal)).toEqual({ ...failing, field: 'signer' });
  });

  it('tells what it holds, and that nothing is too little', async () => {
    const detail = expect.stringContaining('7 lamports');
    expect(await open(signer(), rich(7n)).relayer.check(signal)).toEqual({ kind: 'ready', detail });
    expect(await open(signer(), rich(0n)).relayer.check(signal)).toMatchObject({ kind: 'failed', field: null });
    const away = scriptedChain();
    away.isAway = true;
    expect(await open(signer(), away).relayer.check(signal)).toMatchObject({ kind: 'failed', field: null });
  });
});

describe('its check, where wallets pay it in tokens', () => {
  const [MINT, TO] = [keyAddress(6), keyAddress(7)];
  const payment = { mint: MINT, to: TO, price: { baseUnits: 1n, lamports: 1n } };
  const check = (chain: ChainReader) =>
    open(signer(), chain, scriptedRelayer(), { ...CONFIG, payment }).relayer.check(signal);

  it('looks at the mint and at the token account, on the chain', async () => {
    const chain = scriptedChain();
    chain.held.set(ADDRESS, { owner: ADDRESS, lamports: 1n, data: new Uint8Array() });
    expect(await check(chain)).toMatchObject({ kind: 'failed', field: 'payment.mint' });
    chain.held.set(MINT, mintAccount(6));
    expect(await check(chain)).toMatchObject({ kind: 'failed', field: 'payment.to' });
    chain.held.set(TO, tokenAccount({ mint: MINT, owner: ADDRESS }));
    expect(await check(chain)).toMatchObject({ kind: 'ready' });
  });

  it('says that nobody knows while the chain is away', async () => {
    const away = scriptedChain();
    away.isAway = true;
    const reason = expect.stringContaining('the chain does not answer');
    expect(await check(away)).toEqual({ kind: 'failed', field: null, reason });
  });
});

it('sends by the relayer that it names', async () => {
  const sender = scriptedRelayer();
  const { relayer } = open(signer(), rich(1n), sender);
  expect(await relayer.submit(new Uint8Array([9]), signal)).toEqual({ kind: 'accepted' });
  expect(sender.sent).toEqual([new Uint8Array([9])]);
  expect(relayer.lack()).toBeNull();
  sender.lack = () => 'no URL';
  expect(relayer.lack()).toBe('no URL');
});
