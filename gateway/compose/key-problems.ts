// Owns that each key is for one thing: one wallet, whose signers all hold it, or one sponsor. Asks no service.
import type { Signer } from '../../signers/signer.ts';
import type { Config } from '../config/config.ts';

export interface KeyProblem {
  readonly section: 'wallets' | 'relayers';
  /** Id of the wallet, or name of the relayer. */
  readonly entry: string;
  /** Key of that entry. */
  readonly field: string;
  readonly message: string;
}

const NOUNS = { wallets: 'wallet', relayers: 'relayer' } as const;

type KnownSigner = Pick<Signer, 'name' | 'address'>;
type Signers = ReadonlyMap<string, KnownSigner>;

/** Of all whose address is known; of others nothing can be said. */
export function keyProblems(
  { wallets, relayers }: Pick<Config, 'wallets' | 'relayers'>,
  signers: Signers,
): readonly KeyProblem[] {
  return [
    ...fallbackProblems(wallets, signers),
    ...sharedKeys(wallets, signers),
    ...sponsorProblems(relayers, signers),
  ];
}

/** Throws where there is one. */
export function refuseKeyProblems(config: Pick<Config, 'wallets' | 'relayers'>, signers: Signers): void {
  const problems = keyProblems(config, signers);
  if (problems.length === 0) return;
  const said = problems.map(({ section, entry, field, message }) => `${NOUNS[section]} ${entry}: ${field} ${message}`);
  throw new Error(said.join('; '));
}

function fallbackProblems(wallets: Config['wallets'], signers: Signers): readonly KeyProblem[] {
  return wallets.flatMap((wallet) => {
    const [first, ...others] = holders(wallet, signers);
    const another = others.find(({ address }) => address !== first?.address);
    if (first === undefined || another === undefined) return [];
    const held = `${another.name} holds the key of ${another.address}, and ${first.name} that of ${first.address}`;
    const message = `must hold the key of its signer: ${held}`;
    return [{ section: 'wallets' as const, entry: wallet.id, field: 'signer_fallbacks', message }];
  });
}

/** A key that is two wallets would get the limits of both. */
function sharedKeys(wallets: Config['wallets'], signers: Signers): readonly KeyProblem[] {
  const owners = new Map<string, string>();
  return wallets.flatMap((wallet) => {
    const [first] = holders(wallet, signers);
    if (first === undefined) return [];
    const owner = owners.get(first.address);
    if (owner === undefined) {
      owners.set(first.address, wallet.id);
      return [];
    }
    const both = `wallets ${owner} and ${wallet.id} have the same key, ${first.address}`;
    const message = `must hold a key of its own: ${both}, which would get the limits of both`;
    return [{ section: 'wallets' as const, entry: wallet.id, field: 'signer', message }];
  });
}

function sponsorProblems(relayers: Config['relayers'], signers: Signers): readonly KeyProblem[] {
  return relayers.flatMap((relayer) => {
    if (relayer.kind !== 'sponsor') return [];
    const signer = signers.get(relayer.signer);
    const twin = [...signers.values()].find(
      (other) => other !== signer && other.address !== '' && other.address === signer?.address,
    );
    if (twin === undefined) return [];
    const message = `the key of ${relayer.signer} is that of ${twin.name} too; a fee payer needs one of its own`;
    return [{ section: 'relayers' as const, entry: relayer.name, field: 'signer', message }];
  });
}

function holders({ signers: names }: Config['wallets'][number], signers: Signers): readonly KnownSigner[] {
  return names.flatMap((name) => signers.get(name) ?? []).filter(({ address }) => address !== '');
}
