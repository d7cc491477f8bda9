// Owns how an agreed export leaves the gateway: the record first, then the key, and never but sealed.
import { GatewayError } from '../../../core/errors.ts';
import type { Operator } from '../../../core/principal/principal.ts';
import type { ManagedKey, ManagedWallet } from '../../../core/wallet/managed-wallet.ts';
import type { ExportedWallet } from '../managed-wallets-contract.ts';
import { addressOfSeed, keyPairOfSeed } from './key-pair.ts';
import { type Exporter, exporterOfWallet } from './key-permissions.ts';
import { sealKeyFile } from './seal-key.ts';
import { answerOf, auditEntry, changedWallet, proposalOf, refused, type WalletDeps, walletOf } from './wallet-deps.ts';

export async function exportWallet(
  deps: WalletDeps,
  by: Operator,
  proposalId: string,
  signal: AbortSignal,
): Promise<ExportedWallet> {
  const { walletId, terms } = await proposalOf(deps, proposalId, 'export');
  return deps.turns.take(walletId, signal, async (bounded) => {
    const exporter = exporterOfWallet(deps, await walletOf(deps, walletId));
    const wallet = await exportBegun(deps, by, proposalId, { wallet: walletId, recipient: terms.recipient });
    if (wallet.key === null) throw refused(`the wallet ${walletId} has no key`);
    const encryptedKey = await sealedKey(exporter, wallet.key, terms.recipient, bounded);
    return { wallet, encryptedKey };
  });
}

/** Before the key is asked for, so that none leaves without a record. */
async function exportBegun(
  deps: WalletDeps,
  by: Operator,
  proposalId: string,
  about: { readonly wallet: string; readonly recipient: string },
): Promise<ManagedWallet> {
  const facts = { ...about, proposal_id: proposalId, quorum: BigInt(deps.quorum) };
  const audit = auditEntry(deps, 'wallet.export_begun', by, facts);
  return changedWallet(
    await deps.store.beginExport({ proposalId, operatorId: by.id, quorum: deps.quorum }, audit),
    proposalId,
  );
}

async function sealedKey(
  { template, exportKey }: Exporter,
  key: ManagedKey,
  recipient: string,
  signal: AbortSignal,
): Promise<string> {
  const answer = await answerOf(() => exportKey(key, signal));
  if (answer.kind !== 'exported') {
    throw notExported(`the ${template.backend} backend did not give the key: ${answer.reason}`);
  }
  const { seed } = answer;
  try {
    if (addressOfSeed(seed) !== key.address) {
      throw notExported(`the ${template.backend} backend gave another key than that of ${key.address}`);
    }
    return await sealed(seed, recipient);
  } finally {
    seed.fill(0);
  }
}

async function sealed(seed: Uint8Array, recipient: string): Promise<string> {
  const pair = keyPairOfSeed(seed);
  try {
    return await sealKeyFile(pair, recipient);
  } finally {
    pair.fill(0);
  }
}

function notExported(why: string): GatewayError {
  return new GatewayError(
    'KEY_NOT_EXPORTED',
    `${why}; the same call tries it again, until the time of the proposal is over`,
  );
}
