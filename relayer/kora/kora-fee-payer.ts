// Owns asking Koras to sign as the fee payer: whom, how often, and what of an answer is believed.
import { setTimeout as wait } from 'node:timers/promises';
import { verifySignature } from '../../signers/verify.ts';
import type { CosignContext, Cosigning, FeePayer } from '../fee-payer.ts';
import { isRecord } from '../json-exact.ts';
import type { FeePayerAddress } from './fee-payer-address.ts';
import type { KoraClient, KoraFailure } from './kora-client.ts';
import { readRefusal } from './kora-denial.ts';
import { type PayableMessage, readMessage, readSigned } from './kora-message.ts';

/** As often may the Koras count one transaction against a limit of uses. */
const MAX_COUNTED_CALLS = 2;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

export interface KoraFeePayerOptions {
  readonly name: string;
  /** Koras that hold the same fee payer's key. The one that answered last is asked first. */
  readonly clients: readonly [KoraClient, ...KoraClient[]];
  readonly address: FeePayerAddress;
  /** `fail`: each is asked once. `wait`: again and again, until the deadline. */
  readonly onOutage: 'fail' | 'wait';
  /** Transactions that are asked for at once; the next are not asked for at all. */
  readonly maxInFlight: number;
  /** Unix milliseconds. */
  readonly now: () => number;
}

export function createKoraFeePayer(options: KoraFeePayerOptions): FeePayer {
  const { name, address, maxInFlight } = options;
  const asker = createAsker(options);
  let inFlight = 0;
  return {
    name,
    backend: 'kora',
    custody: 'remote',
    get address() {
      return address.current;
    },
    // What goes out is made of the message alone: no signature that others have given leaves the gateway.
    cosign: async (messageBytes, _wireTransaction, context) => {
      const message = readMessage(messageBytes);
      if ('unpayable' in message) return { kind: 'refused', reason: message.unpayable };
      if (inFlight >= maxInFlight) {
        return { kind: 'unavailable', reason: `${inFlight} transactions wait for the Kora already (max_in_flight)` };
      }
      inFlight++;
      try {
        return (await unknownPayer(address, message)) ?? (await asker(message, messageBytes, context));
      } finally {
        inFlight--;
      }
    },
  };
}

/** `null`: the Koras may be asked to pay for it. */
async function unknownPayer(address: FeePayerAddress, { feePayer }: PayableMessage): Promise<Cosigning | null> {
  if (address.knows(feePayer)) return null;
  const told = await address.ask();
  if (typeof told !== 'string') return { kind: 'unavailable', reason: told.reason };
  if (address.knows(feePayer)) return null;
  return { kind: 'refused', reason: `the transaction names ${feePayer} as its fee payer; the Kora pays as ${told}` };
}

type Ask = (message: PayableMessage, messageBytes: Uint8Array, context: CosignContext) => Promise<Cosigning>;

function createAsker({ clients, onOutage, now }: KoraFeePayerOptions): Ask {
  let preferred = 0;
  return async (message, messageBytes, { deadline, signal }) => {
    let counted = 0;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      const failures: KoraFailure[] = [];
      for (const [index, client] of startingAt(clients, preferred)) {
        const answer = await askOne(client, message, messageBytes, signal);
        if (answer.kind !== 'failed') {
          preferred = index;
          return answer;
        }
        failures.push(answer);
        if (answer.again === 'once') counted++;
        if (counted >= MAX_COUNTED_CALLS || signal.aborted) return unavailable(failures);
      }
      const isHopeless = failures.every(({ again }) => again === 'never');
      if (onOutage === 'fail' || isHopeless || now() + pause >= deadline) return unavailable(failures);
      await wait(pause, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return unavailable(failures);
    }
  };
}

function unavailable(failures: readonly KoraFailure[]): Cosigning {
  return { kind: 'unavailable', reason: failures.map(({ reason }) => reason).join('; ') };
}

/** Each once, with its place. */
function startingAt<T>(items: readonly T[], first: number): readonly (readonly [number, T])[] {
  const placed = items.map((item, index) => [index, item] as const);
  return [...placed.slice(first), ...placed.slice(0, first)];
}

async function askOne(
  client: KoraClient,
  { feePayer, transaction }: PayableMessage,
  messageBytes: Uint8Array,
  signal: AbortSignal,
): Promise<Cosigning | KoraFailure> {
  const params = { transaction, signer_key: feePayer, sig_verify: false };
  const answer = await client.call('signTransaction', params, signal);
  switch (answer.kind) {
    case 'failed':
      return answer;
    case 'error':
      return interpretRefusal(client, feePayer, answer);
    case 'result':
      return interpretResult(client, feePayer, messageBytes, answer.result);
  }
}

function interpretRefusal(
  { host }: KoraClient,
  feePayer: string,
  { prose, cleaned }: { readonly prose: string; readonly cleaned: string },
): Cosigning | KoraFailure {
  const refusal = readRefusal(prose);
  switch (refusal.kind) {
    case 'denied':
      return { kind: 'refused', reason: `${refusal.cause}: Kora ${host}: ${cleaned}` };
    case 'incapable':
      return { kind: 'failed', field: null, again: 'once', reason: `Kora ${host}: ${refusal.why}: ${cleaned}` };
    case 'other_payer': {
      const reason = `Kora ${host}: it has not the key of the fee payer ${feePayer}; all of urls must have the same`;
      return { kind: 'failed', field: 'urls', again: 'never', reason };
    }
  }
}

async function interpretResult(
  { host }: KoraClient,
  feePayer: string,
  messageBytes: Uint8Array,
  result: unknown,
): Promise<Cosigning | KoraFailure> {
  const nonsense = (what: string): KoraFailure => ({
    kind: 'failed',
    field: null,
    again: 'once',
    reason: `Kora ${host}: ${what}`,
  });
  if (!isRecord(result) || typeof result.signed_transaction !== 'string') {
    return nonsense('its answer holds no signed_transaction');
  }
  const read = readSigned(result.signed_transaction, messageBytes);
  switch (read.kind) {
    case 'nonsense':
      return nonsense('its signed_transaction is no transaction in base64');
    case 'changed':
      return {
        kind: 'refused',
        reason: `MESSAGE_CHANGED: the Kora changed the message (Kora ${host}); what was judged must come back as it was: switch off what rewrites transactions there, such as Lighthouse`,
      };
    case 'signed': {
      const { signature } = read;
      if (await verifySignature({ address: feePayer, messageBytes, signature })) return { kind: 'signed', signature };
      return nonsense(`its signature is not that of the fee payer ${feePayer} over the message`);
    }
  }
}
