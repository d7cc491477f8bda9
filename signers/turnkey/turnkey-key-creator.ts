// Owns the making of keys at Turnkey: a wallet with a seed of its own for each, whose name is the label. Names are unique there.
import { isAddress } from '@solana/kit';
import { closableCreator } from '../closable-creator.ts';
import { creatorCheck } from '../creator-field.ts';
import type { CreatedKey, CreateResult, DestroyResult, KeyCreator } from '../key-creator.ts';
import type { SignerCheck } from '../signer.ts';
import { createRequestTimes, type RequestTimes } from './request-times.ts';
import { createTurnkeyApi, type TurnkeyApi } from './turnkey-api.ts';
import type { TurnkeyOptions } from './turnkey-options.ts';
import {
  type Ask,
  accountsOf,
  allWallets,
  isSolanaAccount,
  organizationOf,
  queries,
  userThere,
} from './turnkey-queries.ts';
import { performOnce, walletCreation, walletDeletion } from './wallet-activities.ts';
import { isTurnkeyId, readReference, walletReference } from './wallet-reference.ts';

/** `apiPrivateKey`: of a user that may create wallets, and delete them where they are to be destroyed. */
export type TurnkeyCreatorOptions = Pick<
  TurnkeyOptions,
  'url' | 'organizationId' | 'subOrganizationId' | 'apiPrivateKey' | 'timeoutMs'
>;

/** The place is that of the signers. */
const OF_SIGNER = ['url', 'organization_id', 'sub_organization_id'];

interface Creator {
  readonly options: TurnkeyCreatorOptions;
  readonly api: TurnkeyApi;
  readonly times: RequestTimes;
}

/** @throws Error when the URL is none. */
export function createTurnkeyKeyCreator(options: TurnkeyCreatorOptions): KeyCreator {
  const creator: Creator = { options, api: createTurnkeyApi(options), times: createRequestTimes() };
  return closableCreator({
    backend: 'turnkey',
    create: (label, signal) => createWallet(creator, label, signal),
    findBy: (label) => `the wallet named ${label} in the organization ${organizationOf(options)}`,
    destroy: (key, signal) => deleteWallet(creator, key, signal),
    export: null,
    import: null,
    check: async (signal) => creatorCheck(await checkCreator(creator, signal), OF_SIGNER),
    close: () => creator.api.close(),
  });
}

interface Desk extends Creator {
  readonly organizationId: string;
  readonly ask: Ask;
}

function deskOf(creator: Creator, signal: AbortSignal): Desk {
  const ask = queries(creator.api, creator.options, null, signal);
  return { ...creator, ask, organizationId: organizationOf(creator.options) };
}

async function createWallet(creator: Creator, label: string, signal: AbortSignal): Promise<CreateResult> {
  const desk = deskOf(creator, signal);
  const before = await findWallet(desk, label);
  if (before.kind !== 'nothing') return before;
  const outcome = await performOnce(desk, walletCreation(label), signal);
  if (outcome.kind === 'unavailable') return outcome;
  const key = outcome.kind === 'completed' ? madeKey(desk, outcome.activity.result?.createWalletResult) : null;
  if (key !== null) return { kind: 'created', key };
  // Turnkey refuses a name for the second time: another call may have been faster.
  const after = await findWallet(desk, label);
  if (after.kind !== 'nothing') return after;
  if (outcome.kind === 'refused') return outcome;
  const reason = `activity ${outcome.activity.id} is completed, but Turnkey does not show its wallet yet`;
  return { kind: 'unavailable', reason };
}

function madeKey(
  { options }: Desk,
  result: { readonly walletId: string; readonly addresses: readonly string[] } | null | undefined,
): CreatedKey | null {
  const [address = '', ...others] = result?.addresses ?? [];
  if (!result || others.length > 0 || !isAddress(address) || !isTurnkeyId(result.walletId)) return null;
  return { address, reference: walletReference(options, result.walletId) };
}

async function findWallet({ options, ask }: Desk, label: string): Promise<CreateResult | { readonly kind: 'nothing' }> {
  const listed = await allWallets(ask);
  if (listed.kind === 'failed') return unavailable(listed.reason);
  const named = listed.value.filter(({ walletName }) => walletName === label);
  const [wallet, ...others] = named;
  if (wallet === undefined) return { kind: 'nothing' };
  if (others.length > 0) return refused(`${named.length} wallets at Turnkey are named ${label}: rename all but one`);
  const { walletId, exported, imported } = wallet;
  if (!isTurnkeyId(walletId)) return unavailable('what Turnkey lists as a wallet has no id of Turnkey');
  if (exported || imported) {
    const how = exported ? 'exported' : 'imported';
    return refused(`wallet ${walletId}, named ${label}, was ${how} at Turnkey: its seed is not in the enclaves alone`);
  }
  const accounts = await accountsOf(ask, walletId, undefined);
  if (accounts.kind === 'failed') return unavailable(accounts.reason);
  const [account, ...more] = accounts.value;
  if (account === undefined || more.length > 0 || !isSolanaAccount(account) || !isAddress(account.address)) {
    return refused(`wallet ${walletId}, named ${label}, has other accounts at Turnkey than the one for Solana`);
  }
  return { kind: 'created', key: { address: account.address, reference: walletReference(options, walletId) } };
}

async function deleteWallet(creator: Creator, key: CreatedKey, signal: AbortSignal): Promise<DestroyResult> {
  const desk = deskOf(creator, signal);
  const reading = readReference(creator.options, key.reference);
  if (reading.kind === 'strange') return refused(reading.reason);
  const { walletId } = reading;
  const before = await isThere(desk, walletId);
  if (before.kind !== 'there') return before;
  const misfit = await misfitOf(desk, walletId, key.address);
  if (misfit !== null) return misfit;
  const outcome = await performOnce(desk, walletDeletion(walletId), signal);
  if (outcome.kind !== 'completed') return outcome;
  const after = await isThere(desk, walletId);
  if (after.kind !== 'there') return after;
  return unavailable(`activity ${outcome.activity.id} is completed, but Turnkey still lists wallet ${walletId}`);
}

async function isThere(
  { ask, organizationId }: Desk,
  walletId: string,
): Promise<DestroyResult | { readonly kind: 'there' }> {
  const listed = await allWallets(ask);
  if (listed.kind === 'failed') return unavailable(listed.reason);
  if (listed.value.some((each) => each.walletId === walletId)) return { kind: 'there' };
  return { kind: 'destroyed', detail: `Turnkey has no wallet ${walletId} in organization ${organizationId} any more` };
}

/** With a wallet all its accounts go: it must hold this key, and no other. `null`: it does. */
async function misfitOf({ ask }: Desk, walletId: string, address: string): Promise<DestroyResult | null> {
  const accounts = await accountsOf(ask, walletId, undefined);
  if (accounts.kind === 'failed') return unavailable(accounts.reason);
  if (accounts.value.length === 1 && accounts.value[0]?.address === address) return null;
  return refused(`wallet ${walletId} at Turnkey has other accounts than ${address}, which would be lost with it`);
}

async function checkCreator(creator: Creator, signal: AbortSignal): Promise<SignerCheck> {
  const { ask } = deskOf(creator, signal);
  const user = await userThere(ask, creator.options);
  if (user.kind === 'failed') return user;
  const listed = await allWallets(ask);
  if (listed.kind === 'failed') return listed;
  return { kind: 'ready', detail: `${user.value}: ${listed.value.length} wallets there` };
}

function refused(reason: string): { readonly kind: 'refused'; readonly reason: string } {
  return { kind: 'refused', reason };
}

function unavailable(reason: string): { readonly kind: 'unavailable'; readonly reason: string } {
  return { kind: 'unavailable', reason };
}
