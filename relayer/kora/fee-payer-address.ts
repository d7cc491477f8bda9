// Owns what is known of the address that pays: told by the configuration or asked for, and asked for again now and then.
import { decodeBase58OfLength } from '../base58.ts';
import { isRecord } from '../json-exact.ts';
import type { KoraAnswer, KoraClient, KoraFailure } from './kora-client.ts';

/** A message that was made just before the address changed is still good. */
const REMEMBERED = 2;

export interface FeePayerAddress {
  /** Base58; `null`: it was never told. */
  readonly current: string | null;
  /** Whether a message that names this fee payer may be given to the Koras. */
  knows(address: string): boolean;
  /** Asks the Koras, one after the other, until one answers. Calls at the same time share the question. Never rejects. */
  ask(): Promise<string | KoraFailure>;
}

export interface FeePayerAddressOptions {
  readonly clients: readonly [KoraClient, ...KoraClient[]];
  /** The only one that may pay, and never asked for; `null`: any that the Koras tell. */
  readonly pinned: string | null;
  /** Aborted when nobody wants to know any more. */
  readonly closing: AbortSignal;
}

export function createFeePayerAddress({ clients, pinned, closing }: FeePayerAddressOptions): FeePayerAddress {
  const told: string[] = pinned === null ? [] : [pinned];
  let asking: Promise<string | KoraFailure> | null = null;
  const remember = (address: string): void => {
    const known = told.indexOf(address);
    if (known >= 0) told.splice(known, 1);
    told.unshift(address);
    told.length = Math.min(told.length, REMEMBERED);
  };
  // A Kora with a pool of signers names the next one each time; the one that was told stays, as long as it is among them.
  const settle = async (client: KoraClient): Promise<string | KoraFailure> => {
    const next = await askPayerSigner(client, closing);
    const [current] = told;
    if (typeof next !== 'string' || current === undefined || next === current) return next;
    const payers = feePayersOf(await client.call('getConfig', null, closing));
    return payers.includes(current) ? current : next;
  };
  const askInTurn = async (): Promise<string | KoraFailure> => {
    const [first, ...others] = clients;
    let answer = await settle(first);
    for (const client of others) {
      if (typeof answer === 'string') break;
      answer = await settle(client);
    }
    if (typeof answer === 'string') remember(answer);
    return answer;
  };
  return {
    get current() {
      return told[0] ?? null;
    },
    knows: (address) => told.includes(address),
    ask: async () => {
      if (pinned !== null) return pinned;
      asking ??= askInTurn().finally(() => {
        asking = null;
      });
      return asking;
    },
  };
}

/** The addresses of all its signers, of what getConfig answered; none where it does not show them. */
export function feePayersOf(answer: KoraAnswer): readonly string[] {
  const payers = answer.kind === 'result' && isRecord(answer.result) ? answer.result.fee_payers : [];
  return Array.isArray(payers) ? payers.filter((each) => typeof each === 'string') : [];
}

/** Base58 of the address that this Kora would pay with next. */
export async function askPayerSigner(client: KoraClient, signal: AbortSignal): Promise<string | KoraFailure> {
  const answer = await client.call('getPayerSigner', null, signal);
  const failed = (reason: string): KoraFailure => ({
    kind: 'failed',
    field: 'urls',
    again: 'freely',
    reason: `Kora ${client.host}: ${reason}`,
  });
  switch (answer.kind) {
    case 'failed':
      return answer;
    case 'error':
      return failed(`it does not tell its fee payer: ${answer.cleaned}`);
    case 'result': {
      const address = isRecord(answer.result) ? answer.result.signer_address : undefined;
      if (typeof address === 'string' && decodeBase58OfLength(address, 32) !== undefined) return address;
      return failed('it names no fee payer: signer_address is not base58 of 32 bytes');
    }
  }
}
