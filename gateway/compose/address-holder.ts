// Owns who has an address among all that the configuration names: a key that a template makes must be of none of them.
import type { BackendCheckDeps } from '../pipeline/administration/backend-checks.ts';
import type { Backends } from './backends.ts';

/** Returns for people who has the address; `null`: nobody whose address is known. Wallets that templates made are not among them. */
export function addressHolder({
  checked,
  unserved,
}: Pick<Backends, 'unserved'> & { readonly checked: Pick<BackendCheckDeps, 'signers' | 'relayers'> }): (
  address: string,
) => string | null {
  return (address) => {
    const signer = checked.signers.values().find((each) => each.template === undefined && each.address === address);
    if (signer !== undefined) return `the signer ${signer.name}`;
    const relayer = checked.relayers.values().find(({ feePayer }) => feePayer?.address === address);
    if (relayer !== undefined) return `the fee payer of the relayer ${relayer.name}`;
    // Of a wallet that no signer serves here, other gateways know the address.
    const wallet = unserved.values().find((each) => each.address === address);
    return wallet === undefined ? null : `the wallet ${wallet.id}`;
  };
}
