// Owns the way from a `local-keypair` wallet template to its creator of keys, and to signers of the keystores in the record.
import type { CreatedKey } from '../../../signers/key-creator.ts';
import { createLocalKeyCreator, keystoreIn } from '../../../signers/local-keypair/local-key-creator.ts';
import { openKeystoreSigner, refuseMainnet } from '../../../signers/local-keypair/local-keypair-signer.ts';
import type { Signer } from '../../../signers/signer.ts';
import type { LocalKeypairTemplate } from '../../config/templates/local-keypair.ts';
import { orFault, passphraseOf, readPassphrase } from '../local-keypair.ts';
import { SignerFault } from '../unopened-signer.ts';
import type { OpenedTemplate } from './opened-template.ts';

/** `scryptCost`: see createLocalKeyCreator. */
export function openLocalKeypairTemplate(
  { terms, signer: { passphrase: configured, allowMainnet } }: LocalKeypairTemplate,
  genesisHash: string,
  scryptCost?: number,
): OpenedTemplate {
  const { name, allowExport, allowImport } = terms;
  const passphrase = passphraseOf(configured);
  const cluster = { genesisHash, allowMainnet };
  const cost = scryptCost === undefined ? {} : { scryptCost };
  const open = async (key: CreatedKey): Promise<Signer> => {
    refuseMainnet(name, cluster);
    const keystore = keystoreIn(key);
    if (keystore === null) throw new SignerFault(null, 'what the record has of the key is no keystore');
    const signer = await openKeystoreSigner(name, keystore, await readPassphrase(passphrase));
    if (signer.address === key.address) return signer;
    throw new SignerFault(null, `the keystore of ${key.address} in the record holds the key of ${signer.address}`);
  };
  return {
    creator: createLocalKeyCreator({ name, passphrase, cluster, allowExport, allowImport, ...cost }),
    openSigner: (key) => orFault(open(key), { keystore: null, passphrase: passphrase.field }),
    guard: null,
  };
}
