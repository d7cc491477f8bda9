// Owns how an agreed destruction is carried out: nothing is signed any more first, then the key goes.
import { assertNever } from '../../../core/assert-never.ts';
import type { Operator } from '../../../core/principal/principal.ts';
import type { ManagedKey, ManagedWallet } from '../../../core/wallet/managed-wallet.ts';
import type { Destruction } from '../managed-wallets-contract.ts';
import { leftoverOf, outOfReach } from './left-key.ts';
import { answerOf, auditEntry, changedWallet, proposalOf, type WalletDeps, walletOf } from './wallet-deps.ts';

export async function destroyWallet(
  deps: WalletDeps,
  by: Operator,
  proposalId: string,
  signal: AbortSignal,
): Promise<Destruction> {
  const { walletId } = await proposalOf(deps, proposalId, 'destroy');
  return deps.turns.take(walletId, signal, async (bounded) => {
    const wallet = await destroyed(deps, by, proposalId, walletId);
    if (wallet.keyDestroyedDetail !== null) return { wallet, keyProblem: null };
    if (wallet.key === null) return givenUp(deps, by, wallet);
    return withoutKey(deps, by, { ...wallet, key: wallet.key }, bounded);
  });
}

async function destroyed(deps: WalletDeps, by: Operator, proposalId: string, walletId: string): Promise<ManagedWallet> {
  const facts = { wallet: walletId, proposal_id: proposalId, quorum: BigInt(deps.quorum) };
  const audit = auditEntry(deps, 'wallet.destroyed', by, facts);
  return changedWallet(
    await deps.store.destroy({ proposalId, operatorId: by.id, quorum: deps.quorum }, audit),
    proposalId,
  );
}

async function givenUp(deps: WalletDeps, by: Operator, wallet: ManagedWallet): Promise<Destruction> {
  const leftover = leftoverOf(deps, wallet);
  switch (leftover.kind) {
    case 'none': {
      const detail = 'the record never had one, and nothing else keeps any';
      return keyGone(deps, by, wallet, { backend: leftover.backend, detail });
    }
    case 'possible':
      return byHand(wallet, leftover.problem);
    default:
      return assertNever(leftover);
  }
}

/** Only a person can see to it: an admin may have said that it is done. */
function byHand(wallet: ManagedWallet, problem: string): Destruction {
  return { wallet, keyProblem: wallet.keyNote === null ? problem : null };
}

async function keyGone(
  deps: WalletDeps,
  by: Operator,
  { walletId, label, key }: ManagedWallet,
  { backend, detail }: { readonly backend: string; readonly detail: string },
): Promise<Destruction> {
  const facts = { wallet: walletId, backend, label, ...(key === null ? {} : { address: key.address }), detail };
  await deps.store.keyDestroyed(walletId, detail, auditEntry(deps, 'wallet.key_destroyed', by, facts));
  return { wallet: await walletOf(deps, walletId), keyProblem: null };
}

async function withoutKey(
  deps: WalletDeps,
  by: Operator,
  wallet: ManagedWallet & { readonly key: ManagedKey },
  signal: AbortSignal,
): Promise<Destruction> {
  const { key, label } = wallet;
  const template = deps.templates.get(wallet.template);
  const kept = `its key ${label} (${key.address}) is still there`;
  const away = outOfReach(wallet, template);
  if (template === undefined || away !== null) return byHand(wallet, `${kept}: ${away}`);
  const { backend, creator } = template;
  if (creator.destroy === null) {
    const hint = `docs/signers/${backend}.md says what to do by hand`;
    return byHand(wallet, `${kept}: the gateway destroys no keys of this template; ${hint}`);
  }
  const destroyKey = creator.destroy.bind(creator);
  const answer = await answerOf(() => destroyKey(key, signal));
  switch (answer.kind) {
    case 'destroyed':
      return keyGone(deps, by, wallet, { backend, detail: answer.detail });
    case 'refused':
      return {
        wallet,
        keyProblem: `${kept}: ${backend} refused to destroy it: ${answer.reason}; destroy it there by hand, or mend what stands against it and call again`,
      };
    case 'unavailable':
      return {
        wallet,
        keyProblem: `${kept}: ${backend} did not destroy it: ${answer.reason}; the same call tries it again`,
      };
    default:
      return assertNever(answer);
  }
}
