// Owns that nothing is signed to be sent as long as its relayer can send nothing: it would lie there until its blockhash is dead.
import type { Relayer } from '../../relayer/relayer.ts';
import { GatewayError } from '../core/errors.ts';
import type { RequestAsk } from '../state/contract/request-store.ts';

/** @throws GatewayError RELAYER_UNAVAILABLE. What is only to be signed needs no relayer. */
export function requireSender(relayer: Relayer, { method }: Pick<RequestAsk, 'method'>): void {
  const lack = method === 'sign_and_send' ? relayer.lack() : null;
  if (lack === null) return;
  throw new GatewayError(
    'RELAYER_UNAVAILABLE',
    `the relayer ${relayer.name} is unavailable: ${lack}; nothing was signed. SignTransaction signs without sending`,
  );
}
