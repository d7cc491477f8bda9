// Owns how a key that admins agreed on by its address becomes that of a new wallet.
import { GatewayError } from '../../../core/errors.ts';
import type { Operator } from '../../../core/principal/principal.ts';
import type { ManagedWallet } from '../../../core/wallet/managed-wallet.ts';
import { bringIntoUse } from './bring-into-use.ts';
import { begun } from './create-wallet.ts';
import { KEY_PAIR_BYTES, seedOfKeyPair } from './key-pair.ts';
import { type ImportTerms, importerOf } from './key-permissions.ts';
import { answerOf, type ProposalTo, proposalOf, refused, type WalletDeps } from './wallet-deps.ts';

interface ImportAsk {
  readonly proposalId: string;
  /** 64 bytes, seed and public key; wiped. */
  readonly privateKey: Uint8Array;
}

export async function importWallet(
  deps: WalletDeps,
  by: Operator,
  { proposalId, privateKey }: ImportAsk,
  signal: AbortSignal,
): Promise<ManagedWallet> {
  // The turn may go on after this call has ended, with a copy of its own.
  const pair = Uint8Array.from(privateKey);
  privateKey.fill(0);
  try {
    const proposal = await proposalOf(deps, proposalId, 'import');
    const seed = agreedSeed(pair, proposal.terms);
    const work = (bounded: AbortSignal) => importSeed(deps, by, { proposal, seed }, bounded);
    return await deps.turns.take(proposal.walletId, signal, work, () => void seed.fill(0));
  } finally {
    pair.fill(0);
  }
}

interface SeedAsk {
  readonly proposal: ProposalTo<'import'>;
  readonly seed: Uint8Array;
}

async function importSeed(
  deps: WalletDeps,
  by: Operator,
  { proposal, seed }: SeedAsk,
  signal: AbortSignal,
): Promise<ManagedWallet> {
  const { walletId, terms, proposalId } = proposal;
  const { template, importKey } = importerOf(deps, terms.template);
  const wallet = await begun(deps, by, { walletId, template, proposal: { proposalId, quorum: deps.quorum } });
  if (wallet.state === 'ACTIVE') return wallet;
  const answer = await answerOf(() => importKey(wallet.label, seed, signal));
  if (answer.kind === 'created' && answer.key.address !== terms.address) {
    throw refused(
      `the ${template.backend} backend has another key under the label ${wallet.label}, of the address ${answer.key.address}: the wallet is not in use`,
    );
  }
  return bringIntoUse(deps, { by, wallet, template, kind: 'wallet.imported', proposalId }, answer, signal);
}

/** Throws INVALID_FIELD without a word of the key itself. */
function agreedSeed(pair: Uint8Array, terms: ImportTerms): Uint8Array {
  if (pair.length !== KEY_PAIR_BYTES) {
    throw notTheKey(`${KEY_PAIR_BYTES} bytes, seed and public key`, `${pair.length} bytes`);
  }
  const found = seedOfKeyPair(pair);
  if (found === null) {
    throw notTheKey('a seed and its own public key', 'a public key of another seed');
  }
  if (found.address === terms.address) return found.seed;
  found.seed.fill(0);
  throw notTheKey(`the key of ${terms.address}, as it was agreed`, `the key of ${found.address}`);
}

function notTheKey(expected: string, found: string): GatewayError {
  return new GatewayError('INVALID_FIELD', `private_key must be ${expected}; found ${found}`, {
    metadata: { field: 'private_key', expected, found },
  });
}
