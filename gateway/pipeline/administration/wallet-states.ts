// Owns what is told of the configured wallets: who may use each, what it holds, whether it is frozen, and whether something else moved it.
import { ChainUnavailable } from '../../../relayer/chain-reader.ts';
import type { WalletHistory } from '../../../relayer/wallet-history.ts';
import { type Freeze, freezeText } from '../../core/controls/freeze.ts';
import type { State } from '../../state/contract/state.ts';
import type { WalletCheck } from '../../state/contract/wallet-check-store.ts';
import type { PipelineDeps, UnservedWallet } from '../pipeline-deps.ts';
import { unservedText } from '../unserved-wallet.ts';

export interface WalletStateDeps extends Pick<PipelineDeps, 'routes' | 'unserved'> {
  readonly state: Pick<State, 'principals' | 'controls' | 'walletChecks'>;
  readonly history: WalletHistory;
}

export interface Balance {
  /** `SOL`, or a mint. */
  readonly asset: string;
  readonly amount: bigint;
  readonly decimals: number;
}

export type Balances =
  | { readonly kind: 'not_asked' }
  | { readonly kind: 'known'; readonly balances: readonly Balance[] }
  | { readonly kind: 'unknown'; readonly problem: string };

/** `address`: `null`: nobody knows it. */
export type ListedWallet = Pick<UnservedWallet, 'id' | 'address'>;

export interface WalletState {
  readonly wallet: ListedWallet;
  readonly signer: string;
  readonly relayer: string;
  readonly agents: readonly string[];
  /** `null`: it is not frozen. */
  readonly frozen: string | null;
  /** Which of its signers says why none serves it here; `null`: one does. */
  readonly notServed: string | null;
  readonly balances: Balances;
  /** `null`: it was not looked at yet. */
  readonly check: WalletCheck | null;
}

const ANSWER_MS = 5_000;
const SOL_DECIMALS = 9;

/** By id, those behind `after`. */
export async function walletStates(
  deps: WalletStateDeps,
  page: { readonly limit: number; readonly after: string | null; readonly balances: boolean },
  signal: AbortSignal,
): Promise<readonly WalletState[]> {
  const { state } = deps;
  const rows = rowsOf(deps, page);
  const [principals, freezes, checks] = await Promise.all([
    state.principals.list(),
    state.controls.list({ lifted: false }),
    state.walletChecks.list(rows.map(({ wallet }) => wallet.id)),
  ]);
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
  return Promise.all(
    rows.map(async (row) => ({
      ...row,
      agents: principals.flatMap(({ principal, disabledAt }) =>
        principal.kind === 'agent' && disabledAt === null && principal.wallets.includes(row.wallet.id)
          ? [principal.id]
          : [],
      ),
      frozen: frozenText(freezes, row.wallet),
      balances: page.balances ? await balancesOf(deps, row.wallet, bounded) : ({ kind: 'not_asked' } as const),
      check: checks.find(({ walletId }) => walletId === row.wallet.id) ?? null,
    })),
  );
}

type Row = Pick<WalletState, 'wallet' | 'signer' | 'relayer' | 'notServed'>;

function rowsOf(
  { routes, unserved }: WalletStateDeps,
  { limit, after }: { readonly limit: number; readonly after: string | null },
): readonly Row[] {
  const ids = [...routes.keys(), ...unserved.keys()].sort().filter((id) => after === null || id > after);
  return ids.slice(0, limit).flatMap((id): readonly Row[] => {
    const route = routes.get(id);
    if (route !== undefined) {
      const { wallet, signer, relayer } = route;
      return [{ wallet, signer: signer.name, relayer: relayer.name, notServed: null }];
    }
    const lost = unserved.get(id);
    if (lost === undefined) return [];
    const { address, signer, relayer } = lost;
    return [{ wallet: { id, address }, signer, relayer, notServed: unservedText(lost) }];
  });
}

function frozenText(freezes: readonly Freeze[], { id }: ListedWallet): string | null {
  const found = freezes.find(({ scope, target }) => scope === 'all' || (scope === 'wallet' && target === id));
  return found === undefined ? null : freezeText(found);
}

async function balancesOf(
  { history }: WalletStateDeps,
  { address }: ListedWallet,
  signal: AbortSignal,
): Promise<Balances> {
  if (address === null) return { kind: 'unknown', problem: 'its address is not known' };
  try {
    const [lamports, tokens] = await Promise.all([
      history.lamportsOf(address, signal),
      history.tokensOf(address, signal),
    ]);
    const sol = { asset: 'SOL', amount: lamports, decimals: SOL_DECIMALS };
    return { kind: 'known', balances: [sol, ...tokens.map(({ mint, ...held }) => ({ asset: mint, ...held }))] };
  } catch (error) {
    return {
      kind: 'unknown',
      problem: error instanceof ChainUnavailable ? error.message : 'the chain does not answer',
    };
  }
}
