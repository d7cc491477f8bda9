// Owns the two activities that change which wallets there are at Turnkey, and what comes of them.
import { unsignedFault, unsignedOf } from '../service-answer.ts';
import { type Activity, awaitActivity, performActivity } from './activity.ts';
import { failureOf } from './activity-failure.ts';
import { TURNKEY } from './fault-meaning.ts';
import type { RequestTimes } from './request-times.ts';
import type { TurnkeyApi } from './turnkey-api.ts';
import { type Ask, type Intent, openActivity } from './turnkey-queries.ts';

export interface WalletActivity {
  readonly path: string;
  readonly type: string;
  readonly parameters: object;
  /** Whether an activity is meant to do the same. */
  readonly isMeant: (intent: Intent) => boolean;
}

/** One wallet: a seed of 24 words, and its first account of Solana. `name`: no other wallet of the organization may have it. */
export function walletCreation(name: string): WalletActivity {
  return {
    path: '/public/v1/submit/create_wallet',
    type: 'ACTIVITY_TYPE_CREATE_WALLET',
    parameters: {
      walletName: name,
      accounts: [
        {
          curve: 'CURVE_ED25519',
          pathFormat: 'PATH_FORMAT_BIP32',
          path: "m/44'/501'/0'/0'",
          addressFormat: 'ADDRESS_FORMAT_SOLANA',
        },
      ],
      mnemonicLength: 24,
    },
    isMeant: ({ createWalletIntent }) => createWalletIntent?.walletName === name,
  };
}

/** Turnkey deletes what was not exported only where it is told so. */
export function walletDeletion(walletId: string): WalletActivity {
  return {
    path: '/public/v1/submit/delete_wallets',
    type: 'ACTIVITY_TYPE_DELETE_WALLETS',
    parameters: { walletIds: [walletId], deleteWithoutExport: true },
    isMeant: ({ deleteWalletsIntent }) => deleteWalletsIntent?.walletIds.includes(walletId) ?? false,
  };
}

export type WalletOutcome =
  | { readonly kind: 'completed'; readonly activity: Activity }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unavailable'; readonly reason: string };

export interface WalletDesk {
  readonly api: TurnkeyApi;
  readonly organizationId: string;
  readonly times: RequestTimes;
  readonly ask: Ask;
}

/** Goes on with one that is open already, such as one that waits for people, whoever asked for it. */
export async function performOnce(
  { api, organizationId, times, ask }: WalletDesk,
  activity: WalletActivity,
  signal: AbortSignal,
): Promise<WalletOutcome> {
  const { path, type, parameters, isMeant } = activity;
  const open = await openActivity(ask, type, isMeant);
  if (open.kind === 'failed') return { kind: 'unavailable', reason: open.reason };
  const timesKey = JSON.stringify([type, parameters]);
  const awaited =
    open.value === null
      ? await performActivity(api, { path, type, organizationId, timestampMs: times.of(timesKey), parameters }, signal)
      : await awaitActivity(api, { organizationId, type }, open.value, signal);
  if (awaited.kind === 'unanswered') return withoutCause(unsignedOf(TURNKEY, awaited.answer));
  if (awaited.kind === 'open') return { kind: 'unavailable', reason: awaited.reason };
  const outcome = outcomeOf(awaited.activity);
  // Asked again it would only answer the same.
  if (hasEndedBadly(awaited.activity)) times.forget(timesKey);
  return outcome;
}

function hasEndedBadly({ status }: Activity): boolean {
  return status === 'ACTIVITY_STATUS_FAILED' || status === 'ACTIVITY_STATUS_REJECTED';
}

function outcomeOf(activity: Activity): WalletOutcome {
  const { id, status } = activity;
  switch (status) {
    case 'ACTIVITY_STATUS_COMPLETED':
      return { kind: 'completed', activity };
    case 'ACTIVITY_STATUS_FAILED': {
      const who = `activity ${id} failed at Turnkey`;
      return withoutCause(unsignedFault(TURNKEY, failureOf(activity), { who, mayHaveSigned: false }));
    }
    case 'ACTIVITY_STATUS_REJECTED':
      return { kind: 'refused', reason: `activity ${id} was rejected by an approver at Turnkey` };
    case 'ACTIVITY_STATUS_CONSENSUS_NEEDED':
    case 'ACTIVITY_STATUS_AUTHENTICATORS_NEEDED':
      return {
        kind: 'unavailable',
        reason: `activity ${id} waits for approvals: approve it at Turnkey; the same command then goes on`,
      };
    default:
      return { kind: 'unavailable', reason: `activity ${id} is in a state that is not known here` };
  }
}

function withoutCause({ kind, reason }: ReturnType<typeof unsignedOf>): WalletOutcome {
  return { kind, reason };
}
