// Owns the decode stage of a message: from received bytes to the facts that are judged, or the fault that says why it is none.
import { assertNever } from '../core/assert-never.ts';
import { GatewayError } from '../core/errors.ts';
import { classifyMessage, type MessageFacts } from '../core/message/classify-message.ts';
import type { Wallet } from '../core/principal/principal.ts';
import type { MalformedTransaction } from '../core/transaction/compiled-transaction.ts';
import type { RequestAsk } from '../state/contract/request-store.ts';
import type { PipelineDeps } from './pipeline-deps.ts';

export interface EstablishedMessage {
  /** The very bytes that are judged and would be signed; a copy that nobody else holds. */
  readonly bytes: Uint8Array;
  readonly facts: MessageFacts;
}

/** Throws GatewayError for bytes that are never signed as a message. Asks nobody: all facts are in the bytes. */
export function establishMessage(
  { observer }: Pick<PipelineDeps, 'observer'>,
  ask: Pick<RequestAsk, 'received'>,
  wallet: Wallet,
): EstablishedMessage {
  const started = performance.now();
  const bytes = ask.received.slice();
  const classified = classifyMessage(bytes, wallet.address);
  observer.stage('decode', (performance.now() - started) / 1000);
  switch (classified.kind) {
    case 'message':
      return { bytes, facts: classified.facts };
    case 'malformed':
      throw malformed(classified.error);
    case 'not_a_signer':
      throw new GatewayError(
        'WALLET_NOT_A_SIGNER',
        `message: the wallet ${wallet.id} (${wallet.address}) is not one of the signers that its envelope names`,
      );
    case 'transaction':
      throw new GatewayError(
        'MESSAGE_IS_A_TRANSACTION',
        `message: it can be read as ${classified.reading}, and is never signed as a message; allowed: plain text in UTF-8, alone or ` +
          'in the off-chain message format (what is a transaction goes to SignTransaction)',
        { metadata: { reading: classified.reading } },
      );
    default:
      return assertNever(classified);
  }
}

function malformed({ code, field, offset, expected, found }: MalformedTransaction): GatewayError {
  return new GatewayError(
    'MALFORMED_MESSAGE',
    `message: ${field} at byte ${offset}: expected ${expected}, found ${found}`,
    { metadata: { malformed: code, field, offset: String(offset), expected, found } },
  );
}
