// Owns what is told of the configured wallets: who may use each, what it holds, whether it is frozen, and whether something else moved it.
import { ChainUnavailable } from '../../../relayer/chain-reader.ts';
import type { WalletHistory } from '../../../relayer/wallet-history.ts';
import { type Freeze, freezeText } from '../../core/controls/freeze.ts';
import type { Wallet } from '../../core/principal/principal.ts';
import type { State } from '../../state/contract/state.ts';
import type { WalletCheck } from '../../state/contract/wallet-check-store.ts';
import type { PipelineDeps } from '../pipeline-deps.ts';

export interface WalletStateDeps extends Pick<PipelineDeps, 'routes'> {
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

export interface WalletState {
  readonly wallet: Wallet;
  readonly signer: string;
  readonly relayer: string;
  readonly agents: readonly string[];
  /** `null`: it is not frozen. */
  readonly frozen: string | null;
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
  const ids = [...deps.routes.keys()].sort().filter((id) => page.after === null || id > page.after);
  const routes = ids.slice(0, page.limit).flatMap((id) => deps.routes.get(id) ?? []);
  const [principals, freezes, checks] = await Promise.all([
    state.principals.list(),
    state.controls.list({ lifted: false }),
    state.walletChecks.list(routes.map(({ wallet }) => wallet.id)),
  ]);
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
  return Promise.all(
    routes.map(async ({ wallet, signer, relayer }) => ({
      wallet,
      signer: signer.name,
      relayer: relayer.name,
      agents: principals.flatMap(({ principal, disabledAt }) =>
        principal.kind === 'agent' && disabledAt === null && principal.wallets.includes(wallet.id)
          ? [principal.id]
          : [],
      ),
      frozen: frozenText(freezes, wallet),
      balances: page.balances ? await balancesOf(deps, wallet, bounded) : ({ kind: 'not_asked' } as const),
      check: checks.find(({ walletId }) => walletId === wallet.id) ?? null,
    })),
  );
}

function frozenText(freezes: readonly Freeze[], { id }: Wallet): string | null {
  const found = freezes.find(({ scope, target }) => scope === 'all' || (scope === 'wallet' && target === id));
  return found === undefined ? null : freezeText(found);
}

async function balancesOf({ history }: WalletStateDeps, { address }: Wallet, signal: AbortSignal): Promise<Balances> {
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
