// Owns where the keys of a request are: told from those that are about to be asked, and later from the record and the configuration of then.
// Of the two the careful one is believed: the record does not know where a key went since, nor the configuration where it was.

import type { Address } from '../core/address.ts';
import type { PermitTerms } from '../core/permit/signing-permit.ts';
import type { KeyCustody, RequestRecord } from '../state/contract/request-store.ts';
import type { PipelineDeps, WalletRoute } from './pipeline-deps.ts';

/** While no key was asked. */
export const UNRECORDED: KeyCustody = { wallet: 'remote', feePayer: 'remote' };

/** Of the keys that will be asked for what this permit names. */
export function custodyOf(
  { signer, feePayer }: Pick<WalletRoute, 'signer' | 'feePayer'>,
  terms: PermitTerms,
): KeyCustody {
  const asked = terms.kind === 'transaction' && terms.feePayer !== null ? feePayer : null;
  return { wallet: signer.custody, feePayer: asked?.custody ?? 'remote' };
}

/** Whether the wallet's signature can exist nowhere but where the gateway gave it, and never a second one over the same message. */
export function walletIsInProcess(
  { routes }: Pick<PipelineDeps, 'routes'>,
  walletId: string,
  recorded: Pick<KeyCustody, 'wallet'>,
): boolean {
  return recorded.wallet === 'process' && routes.get(walletId)?.signer.custody === 'process';
}

/** The same of the signature of who pays, where that is the gateway's own fee payer and was asked. */
export function feePayerIsInProcess(
  { routes }: Pick<PipelineDeps, 'routes'>,
  { ask, custody }: Pick<RequestRecord, 'ask' | 'custody'>,
  payer: Address | null,
): boolean {
  const feePayer = routes.get(ask.walletId)?.feePayer;
  return (
    custody.feePayer === 'process' && payer !== null && feePayer?.address === payer && feePayer.custody === 'process'
  );
}
