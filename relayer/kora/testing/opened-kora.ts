// Owns a Kora relayer over fake Koras, and transactions for it, for tests.
import { randomBytes } from 'node:crypto';
import { type FakeKora, type FakeKoraOptions, startFakeKora } from '../../../test/fakes/kora/kora.ts';
import { API_KEY, FEE_PAYER_SEED, HMAC_SECRET, transfer, type Unsigned, unsigned } from '../../../test/kora/scene.ts';
import { encodeBase58 } from '../../base58.ts';
import type { CosignContext } from '../../fee-payer.ts';
import type { Relayer } from '../../relayer.ts';
import { createKoraRelayer, type KoraRelayer, type KoraRelayerOptions } from '../kora-relayer.ts';

export interface OpenedKora extends KoraRelayer {
  readonly fakes: readonly [FakeKora, ...FakeKora[]];
  /** Transactions that went to the relayer that sends. */
  readonly sent: readonly Uint8Array[];
  close(): Promise<void>;
}

export interface OpenedKoraOptions {
  /** Of each Kora; default: one of the fee payer of the tests. */
  readonly koras?: readonly [Partial<FakeKoraOptions>, ...Partial<FakeKoraOptions>[]];
  readonly relayer?: Partial<KoraRelayerOptions>;
  /** Whether the Koras take no connections at first. */
  readonly fallen?: boolean;
}

export async function openKora({
  koras = [{}],
  relayer = {},
  fallen = false,
}: OpenedKoraOptions = {}): Promise<OpenedKora> {
  const [first, ...others] = koras;
  const fakes = [await fakeOf(first), ...(await Promise.all(others.map(fakeOf)))] as const;
  if (fallen) await Promise.all(fakes.map((fake) => fake.fall()));
  const sent: Uint8Array[] = [];
  const opened = createKoraRelayer({
    name: 'sponsored',
    urls: [fakes[0].url, ...fakes.slice(1).map(({ url }) => url)],
    apiKey: async () => API_KEY,
    hmacSecret: async () => HMAC_SECRET,
    feePayer: null,
    timeoutMs: 5_000,
    maxInFlight: 64,
    onOutage: 'fail',
    tls: undefined,
    sender: senderInto(sent),
    now: Date.now,
    ...relayer,
  });
  return {
    ...opened,
    fakes: [fakes[0], ...fakes.slice(1)],
    sent,
    close: async () => {
      await opened.relayer.close();
      await Promise.all(fakes.map((fake) => fake.close()));
    },
  };
}

function fakeOf(options: Partial<FakeKoraOptions>): Promise<FakeKora> {
  return startFakeKora({ seeds: [FEE_PAYER_SEED], apiKey: API_KEY, hmacSecret: HMAC_SECRET, ...options });
}

function senderInto(sent: Uint8Array[]): Relayer {
  return {
    name: 'rpc',
    backend: 'rpc',
    lack: () => null,
    submit: async (signedTransaction) => {
      sent.push(signedTransaction);
      return { kind: 'accepted' };
    },
    check: async () => ({ kind: 'ready', detail: 'it is a test' }),
    close: async () => {
      throw new Error('the relayer that sends is not the Kora relayer to close');
    },
  };
}

/** A transfer of the wallet of the tests that the fee payer of the tests pays for; another one each time. */
export function sponsored(draft: Partial<Parameters<typeof unsigned>[0]> = {}): Unsigned {
  return unsigned({ instructions: [transfer(1n)], blockhash: encodeBase58(randomBytes(32)), ...draft });
}

/** `within`: milliseconds until the deadline. */
export function contextWithin(within: number): CosignContext {
  return { deadline: Date.now() + within, idempotencyKey: 'request-1', signal: AbortSignal.timeout(within) };
}

/** How often it was asked to sign. */
export function signCalls({ calls }: FakeKora): number {
  return calls.filter(({ method }) => method === 'signTransaction').length;
}
