// Owns a relayer whose fees an external Kora pays: it signs as the fee payer, and another relayer sends.
import type { HttpClientOptions } from '../../net/http-client.ts';
import type { SecretSource } from '../../net/secret-source.ts';
import type { FeePayer } from '../fee-payer.ts';
import type { Relayer } from '../relayer.ts';
import { createFeePayerAddress, type FeePayerAddress } from './fee-payer-address.ts';
import { checkKoras } from './kora-check.ts';
import { createKoraClient } from './kora-client.ts';
import { createKoraFeePayer } from './kora-fee-payer.ts';

/** How often the address of the fee payer is asked for: where it was told, and where it was not. */
const REFRESH_MS = 60_000;
const FIRST_ANSWER_MS = 2_000;

export interface KoraRelayerOptions {
  readonly name: string;
  /** One or more Koras that hold the same fee payer's key. */
  readonly urls: readonly [string, ...string[]];
  readonly apiKey: SecretSource | null;
  readonly hmacSecret: SecretSource | null;
  /** Base58; `null`: it is asked for. */
  readonly feePayer: string | null;
  /** For one call, connection included. */
  readonly timeoutMs: number;
  readonly maxInFlight: number;
  readonly onOutage: 'fail' | 'wait';
  /** PEM; absent: the authorities of the system, and no certificate of our own. */
  readonly tls: HttpClientOptions['tls'];
  /** Sends what is signed. It is not closed here. */
  readonly sender: Relayer;
  /** Unix milliseconds. */
  readonly now: () => number;
}

export interface KoraRelayer {
  readonly relayer: Relayer;
  readonly feePayer: FeePayer;
}

/** Asks for the fee payer's address at once, in the background. @throws Error when a URL is none. */
export function createKoraRelayer(options: KoraRelayerOptions): KoraRelayer {
  const { name, urls, sender } = options;
  const [firstUrl, ...otherUrls] = urls;
  const open = (url: string) => createKoraClient({ ...options, url });
  const clients = [open(firstUrl), ...otherUrls.map(open)] as const;
  const closing = new AbortController();
  const address = createFeePayerAddress({ clients, pinned: options.feePayer, closing: closing.signal });
  if (options.feePayer === null) askNowAndThen(address, closing.signal);
  return {
    relayer: {
      name,
      backend: 'kora',
      lack: () => sender.lack(),
      submit: (signedTransaction, signal) => sender.submit(signedTransaction, signal),
      check: (signal) => checkKoras(clients, options.feePayer, signal),
      close: async () => {
        closing.abort();
        for (const client of clients) client.close();
      },
    },
    feePayer: createKoraFeePayer({ ...options, clients, address }),
  };
}

function askNowAndThen(address: FeePayerAddress, closing: AbortSignal): void {
  let timer: NodeJS.Timeout | undefined;
  const ask = async (): Promise<void> => {
    await address.ask();
    if (closing.aborted) return;
    timer = setTimeout(() => void ask(), address.current === null ? FIRST_ANSWER_MS : REFRESH_MS).unref();
  };
  closing.addEventListener('abort', () => clearTimeout(timer), { once: true });
  void ask();
}
