// Owns the last steps of a wallet that gets a key: the key must be good, of nobody else and in reach of those who sign; then it is in use.

import type { CreatedKey, CreateResult } from '../../../../signers/key-creator.ts';
import { assertNever } from '../../../core/assert-never.ts';
import type { AuditKind } from '../../../core/audit/audit-record.ts';
import { parseAddress } from '../../../core/base58.ts';
import { GatewayError } from '../../../core/errors.ts';
import type { Operator } from '../../../core/principal/principal.ts';
import type { ManagedKey, ManagedWallet } from '../../../core/wallet/managed-wallet.ts';
import type { ManagedTemplate } from '../managed-template.ts';
import { auditEntry, refused, type WalletDeps } from './wallet-deps.ts';

interface Bringing {
  readonly by: Operator;
  readonly wallet: ManagedWallet;
  readonly template: ManagedTemplate;
  readonly kind: Extract<AuditKind, 'wallet.created' | 'wallet.imported'>;
  /** Of an import. */
  readonly proposalId: string | null;
}

/** `answer`: the creator's. Throws KEY_REFUSED, KEY_UNAVAILABLE, KEY_NOT_USABLE, WALLET_CHANGE_REFUSED; the wallet is then as it was. */
export async function bringIntoUse(
  deps: WalletDeps,
  bringing: Bringing,
  answer: CreateResult,
  signal: AbortSignal,
): Promise<ManagedWallet> {
  const { wallet, template, by, kind, proposalId } = bringing;
  const key = keyOf(answer, bringing);
  const holder = deps.holderOf(key.address);
  if (holder !== null) {
    throw refused(`the key ${wallet.label} has the address ${key.address}, which is that of ${holder}: ${NOT_IN_USE}`);
  }
  await mustSign(bringing, key, signal);
  const facts = {
    wallet: wallet.walletId,
    template: template.name,
    backend: template.backend,
    label: wallet.label,
    address: key.address,
    ...(proposalId === null ? {} : { proposal_id: proposalId }),
  };
  const result = await deps.store.activate(wallet.walletId, key, proposalId, auditEntry(deps, kind, by, facts));
  switch (result.kind) {
    case 'activated':
      return result.wallet;
    case 'key_taken':
      throw refused(`the address ${key.address} is that of another managed wallet, or was: ${NOT_IN_USE}`);
    case 'stale':
      return madeElsewhere(deps, bringing, key);
    default:
      return assertNever(result);
  }
}

const NOT_IN_USE = 'the wallet is not in use';

function keyOf(answer: CreateResult, { wallet, template }: Bringing): ManagedKey {
  const { name, backend } = template;
  switch (answer.kind) {
    case 'created': {
      const address = parseAddress(answer.key.address);
      if (address !== null) return { address, reference: answer.key.reference };
      throw new GatewayError(
        'KEY_REFUSED',
        `the ${backend} backend of the template ${name} answered with a key that is none of Ed25519: ${NOT_IN_USE}`,
      );
    }
    case 'refused':
      throw new GatewayError(
        'KEY_REFUSED',
        `the ${backend} backend of the template ${name} refused: ${answer.reason}; ${wallet.walletId} is not in use: ` +
          'mend what stands against it and call again, or destroy it to give it up',
      );
    case 'unavailable':
      throw new GatewayError(
        'KEY_UNAVAILABLE',
        `the ${backend} backend of the template ${name} gave no key: ${answer.reason}; ${wallet.walletId} is not in use yet; the same call again goes on`,
      );
    default:
      return assertNever(answer);
  }
}

/** With the credentials that its wallets sign with: those that made the key need not be able to. */
async function mustSign({ wallet, template }: Bringing, key: ManagedKey, signal: AbortSignal): Promise<void> {
  const problem = await signingProblem(template, key, signal);
  if (problem === null) return;
  const { name } = template;
  throw new GatewayError(
    'KEY_NOT_USABLE',
    `the key ${wallet.label} (${key.address}) is there, but \`signer\` of the template ${name} cannot sign with it: ${problem}; ` +
      `${wallet.walletId} is not in use yet; the same call again goes on`,
  );
}

async function signingProblem(template: ManagedTemplate, key: CreatedKey, signal: AbortSignal): Promise<string | null> {
  try {
    const signer = await template.openSigner(key);
    try {
      if (signer.address !== key.address) return `it has another key there, of the address ${signer.address}`;
      const check = await signer.check(signal);
      if (check.kind === 'ready') return null;
      return check.field === null ? check.reason : `${check.reason} (look at \`${check.field}\`)`;
    } finally {
      await signer.close();
    }
  } catch {
    // A backend's exception may carry anything, secrets too: its text goes nowhere.
    return 'it failed without an answer';
  }
}

/** Another gateway, which found the same key by its label, was faster. */
async function madeElsewhere(
  { store }: WalletDeps,
  { wallet: { walletId, label }, template }: Bringing,
  { address }: ManagedKey,
): Promise<ManagedWallet> {
  const wallet = await store.find(walletId);
  if (wallet?.state === 'ACTIVE' && wallet.key?.address === address) return wallet;
  if (wallet?.state === 'DESTROYED') {
    const late = `${walletId} was destroyed meanwhile, and is not in use`;
    const isLeft = wallet.key?.address !== address;
    throw refused(isLeft ? `${late}${leftOver(template, { label, address })}` : late);
  }
  throw refused(`the wallet ${walletId} was changed meanwhile: ListManagedWallets shows it`);
}

/** Not destroyed from here: whether this key is of no other wallet nobody has looked at. */
function leftOver(
  { backend, creator }: ManagedTemplate,
  { label, address }: { readonly label: string; readonly address: string },
): string {
  if (creator.findBy === null) return '';
  return `; its key ${label} (${address}) was made all the same: look for ${creator.findBy(label)} at ${backend}, and destroy it there by hand`;
}
