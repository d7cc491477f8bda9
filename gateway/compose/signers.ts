// Owns the choice of signers: the only place that names their backends.
import { openRemoteSigner } from '../../signers/remote/remote-signer.ts';
import type { Signer } from '../../signers/signer.ts';
import type { SignerConfig } from '../config/signers/signers.ts';
import { openAwsKms } from './aws-kms.ts';
import { openFireblocks } from './fireblocks.ts';
import { openGcpKms } from './gcp-kms.ts';
import { openLocalKeypair } from './local-keypair.ts';
import { openPrivy } from './privy.ts';
import { openTurnkey } from './turnkey.ts';
import { openVaultTransit } from './vault-transit.ts';

/** `signerTimeoutMs` bounds what has no bound of its own. Throws when the key cannot be had, or must not be used for this cluster. */
export async function openSigner(signer: SignerConfig, genesisHash: string, signerTimeoutMs: number): Promise<Signer> {
  switch (signer.kind) {
    case 'aws-kms':
      return openAwsKms(signer, signerTimeoutMs);
    case 'fireblocks':
      return openFireblocks(signer, signerTimeoutMs);
    case 'gcp-kms':
      return openGcpKms(signer, signerTimeoutMs);
    case 'local-keypair':
      return openLocalKeypair(signer, genesisHash);
    case 'privy':
      return openPrivy(signer, signerTimeoutMs);
    case 'remote':
      return openRemoteSigner(signer);
    case 'turnkey':
      return openTurnkey(signer, signerTimeoutMs);
    case 'vault-transit':
      return openVaultTransit(signer, signerTimeoutMs);
  }
}
