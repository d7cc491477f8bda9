// Owns the desk that the golden cases of guards are judged for: its agent, its hours, its accounts on chain.
import { getTransferCheckedInstruction } from '@solana-program/token';
import { mintAccount } from '../../../gateway/core/effects/testing/judge.ts';
import { associated, EXCHANGE, held, named, OURS, SOL, systemAccount, USDC, WALLET } from './scene.ts';
import { ran } from './simulated-run.ts';

/** Of policies/data/guarded.json. */
export const DESK = ['guarded', 'desk'] as const;
const POOL = named('exchange pool');

const ZONES = ['Europe/Zurich'];
/** In winter Zurich is an hour ahead of universal time, in summer two. */
export const judgedAt = (at: string) => ({ time: { at, zones: ZONES } });
export const AT_WORK = judgedAt('2026-03-02T09:00:00Z');

export const [ours, pools] = await Promise.all([associated(WALLET, USDC), associated(POOL, USDC)]);
export const CHAIN = [
  [WALLET, systemAccount(100n * SOL)],
  [EXCHANGE, systemAccount(SOL)],
  [USDC, mintAccount(6)],
  await held(WALLET, USDC),
  await held(POOL, USDC),
] as const;

export const onDesk = { caller: DESK, ...AT_WORK, chain: CHAIN, endpoints: 2, simulation: ran(CHAIN) } as const;

export const takeTokens = (amount: bigint) =>
  getTransferCheckedInstruction({ source: ours, mint: USDC, destination: pools, authority: OURS, amount, decimals: 6 });
