// Owns that the key of a sponsor is nobody else's: no wallet signs with it, and no other sponsor pays with it.
import type { FileConfig } from '../file-schema.ts';
import type { SectionReader } from '../section-reader.ts';

/** Notes each that is not there, or not its own. `signers`: `undefined` where that section could not be read. */
export function refuseSharedSigners(
  reader: SectionReader,
  relayers: FileConfig['relayers'],
  signers: FileConfig['signers'] | undefined,
  wallets: FileConfig['wallets'],
): void {
  const sponsors = relayers.map((entry) => (entry.type === 'sponsor' ? entry.signer : null));
  for (const [n, signer] of sponsors.entries()) {
    if (signer === null) continue;
    const path = ['relayers', n, 'signer'];
    const wallet = wallets.find((each) => each.signer === signer || each.signer_fallbacks.includes(signer));
    const first = sponsors.indexOf(signer);
    if (wallet !== undefined) {
      reader.refuse(path, `${signer} signs for the wallet ${wallet.id}; a fee payer needs a key that no wallet uses`);
    } else if (first !== n) {
      reader.refuse(path, `is that of relayers[${first}] too; it must be of one only`);
    } else if (signers !== undefined && !signers.some(({ name }) => name === signer)) {
      reader.refuse(path, `there is no signer ${signer}; there are ${signers.map(({ name }) => name).join(', ')}`);
    }
  }
}
