// Owns what is asked of Privy for a new wallet, and whether a wallet is one that was asked for so.
import { createHash } from 'node:crypto';
import { isAddress } from '@solana/kit';
import * as z from 'zod';
import type { CreatedKey } from '../key-creator.ts';
import type { CanonicalJson } from './canonical-json.ts';

/** Whose the wallets are, by the ids of key quorums and policies. */
export interface WalletHolders {
  readonly ownerId: string;
  /** That the owner is bound to. */
  readonly policyId: string | null;
  /** Who else signs, which is the gateway's key; `null`: it is the owner's. */
  readonly signerId: string | null;
  /** That the signer is bound to. */
  readonly signerPolicyId: string | null;
}

const MAX_EXTERNAL_ID = 64;
const DIGITS = 32;

/** Privy takes 64 characters, and no two wallets of an app with the same. */
export function externalIdOf(label: string): string {
  if (label.length <= MAX_EXTERNAL_ID) return label;
  const digest = createHash('sha256').update(label).digest('hex').slice(0, DIGITS);
  return `${label.slice(0, MAX_EXTERNAL_ID - DIGITS - 1)}-${digest}`;
}

export function walletRequest(label: string, holders: WalletHolders): CanonicalJson {
  const { ownerId, policyId, signerId, signerPolicyId } = holders;
  const policies = signerPolicyId === null ? {} : { override_policy_ids: [signerPolicyId] };
  return {
    chain_type: 'solana',
    display_name: label,
    external_id: externalIdOf(label),
    owner_id: ownerId,
    policy_ids: policyId === null ? [] : [policyId],
    additional_signers: signerId === null ? [] : [{ signer_id: signerId, ...policies }],
  };
}

const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

export const walletId = id;

export const madeWallet = z.object({
  id,
  address: z.string(),
  chain_type: z.string(),
  external_id: z.string().nullish(),
  owner_id: id.nullish(),
  policy_ids: z.array(id),
  additional_signers: z.array(z.object({ signer_id: id, override_policy_ids: z.array(id).nullish() })),
  exported_at: z.number().nullish(),
  imported_at: z.number().nullish(),
});

export type MadeWallet = z.output<typeof madeWallet>;

export type WalletReading =
  | { readonly kind: 'key'; readonly key: CreatedKey }
  | { readonly kind: 'misfit'; readonly reason: string };

/** A wallet that others may sign for than those who were meant is none that may be used. */
export function keyOf(wallet: MadeWallet, holders: WalletHolders): WalletReading {
  const { address } = wallet;
  const misfit = misfitOf(wallet, holders);
  if (misfit !== null) return { kind: 'misfit', reason: `wallet ${wallet.id} at Privy ${misfit}` };
  if (!isAddress(address)) return { kind: 'misfit', reason: `wallet ${wallet.id} at Privy has no address of Solana` };
  return { kind: 'key', key: { address, reference: { wallet_id: wallet.id } } };
}

function misfitOf(wallet: MadeWallet, { ownerId, policyId, signerId, signerPolicyId }: WalletHolders): string | null {
  if (wallet.chain_type !== 'solana') return 'is none for Solana';
  if (wallet.exported_at != null) return 'was exported: its private key is not in the enclave alone';
  if (wallet.imported_at != null) return 'was imported: its private key is not in the enclave alone';
  if (wallet.owner_id !== ownerId) return 'has another owner than creator.owner_id';
  if (!isSame(wallet.policy_ids, policyId)) return 'is under other policies than creator.policy_id';
  const [signer, ...others] = wallet.additional_signers;
  if (others.length > 0 || (signer?.signer_id ?? null) !== signerId) return 'has other signers than creator.signer_id';
  if (!isSame(signer?.override_policy_ids ?? [], signerPolicyId)) {
    return 'has its signer under other policies than creator.signer_policy_id';
  }
  return null;
}

function isSame(ids: readonly string[], one: string | null): boolean {
  return one === null ? ids.length === 0 : ids.length === 1 && ids[0] === one;
}
