// Owns what is said of a wallet that none of its signers serves: an outage to its agents, and why to operators.
import { GatewayError } from '../core/errors.ts';
import type { UnservedWallet } from './pipeline-deps.ts';

/** The key of the configuration is for operators, and not in it. */
export function unservedError({ signer, fault }: UnservedWallet): GatewayError {
  return new GatewayError(
    'SIGNER_UNAVAILABLE',
    `the signer ${signer} is unavailable: ${fault().reason}; nothing was signed`,
  );
}

/** For operators: `gone: keystore_file: …`. */
export function unservedText({ signer, fault }: UnservedWallet): string {
  const { field, reason } = fault();
  return `${signer}: ${field === null ? reason : `${field}: ${reason}`}`;
}
