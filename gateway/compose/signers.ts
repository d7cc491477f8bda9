// Owns the choice of signers: the only place that names their backends.
import type { ChainReader } from '../../relayer/chain-reader.ts';
import { openLocalKeypairSigner } from '../../signers/local-keypair/local-keypair-signer.ts';
import { openRemoteSigner } from '../../signers/remote/remote-signer.ts';
import type { Signer } from '../../signers/signer.ts';
import type { Config } from '../config/config.ts';
import type { SignerConfig } from '../config/signers/signers.ts';
import { openPrivy } from './privy.ts';
import { secretSource } from './secret-source.ts';
import { openTurnkey } from './turnkey.ts';
import { openVaultTransit } from './vault-transit.ts';

export async function openSigners(
  config: Config,
  chain: ChainReader,
  onClose: (close: () => Promise<void>) => void,
): Promise<ReadonlyMap<string, Signer>> {
  const genesisHash = await chain.getGenesisHash(AbortSignal.timeout(config.chain.timeoutMs));
  const opening = config.signers.map(async (signer) => {
    const opened = await openSigner(signer, genesisHash, config.limits.signerTimeoutMs);
    onClose(() => opened.close());
    return opened;
  });
  // One that fails must not leave another open that nobody closes.
  await Promise.allSettled(opening);
  const signers = await Promise.all(opening);
  return new Map(signers.map((signer) => [signer.name, signer]));
}

/** `signerTimeoutMs` bounds what has no bound of its own. Throws when the key cannot be had, or must not be used for this cluster. */
export async function openSigner(signer: SignerConfig, genesisHash: string, signerTimeoutMs: number): Promise<Signer> {
  switch (signer.kind) {
    case 'local-keypair':
      return openLocalKeypairSigner({
        name: signer.name,
        keystorePath: signer.keystoreFile,
        passphrase: await secretSource(signer.passphrase)(),
        cluster: { genesisHash },
        allowMainnet: signer.allowMainnet,
      });
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
