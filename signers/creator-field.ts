// Owns where in an entry of the wallet templates the key stands that the check of a key creator names.
import type { SignerCheck } from './signer.ts';

/** `ofSigner`: keys that stand under `signer`, because the signers need them too; all others stand under `creator`. */
export function creatorCheck(check: SignerCheck, ofSigner: readonly string[] = []): SignerCheck {
  if (check.kind !== 'failed' || check.field === null) return check;
  const section = ofSigner.includes(check.field) ? 'signer' : 'creator';
  return { ...check, field: `${section}.${check.field}` };
}
