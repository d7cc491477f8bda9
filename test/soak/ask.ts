// Owns what the agents of the soak ask, drawn from the seed. What lands tells by its amount which ask it was.
import type { Address } from '@solana/kit';
import { solTransfer } from '../../tour/transactions.ts';
import type { SeededRandom } from '../differential/seeded-random.ts';
import { withoutComputeUnits } from '../integration/doomed-transaction.ts';
import { type AgentId, weightOf } from './crew.ts';
import { UNASKED_LAMPORTS } from './policy.ts';

export interface Ask {
  readonly index: number;
  readonly agent: AgentId;
  readonly lamports: bigint;
  /** Asked again under this key, on another gateway, until the outcome is known; `null`: asked once. */
  readonly key: string | null;
  readonly method: 'send' | 'sign';
  /** What the agent does with what it gets signed. */
  readonly afterwards: 'sends it' | 'sends it late' | 'keeps it';
  /** It lands, and fails there. */
  readonly isDoomed: boolean;
  /** What people do where they are asked about it; `null`: they never are. */
  readonly decision: Decision | null;
}

/** Those that come to an end by votes, and those whose time runs out. */
const DECIDED = ['approve', 'approve', 'reject', 'withdraw and approve'] as const;
const LEFT = ['one vote', 'withdraw', 'ignore'] as const;

export type Decision = (typeof DECIDED | typeof LEFT)[number];

const SPAN = 1_000_000n;

export function drawAsk(random: SeededRandom, crew: readonly AgentId[], index: number): Ask {
  const agent = drawAgent(random, crew);
  const mayAsk = agent === 'buyer' || agent === 'spender';
  const method = agent === 'courier' || (agent === 'buyer' && random.chance(30)) ? 'sign' : 'send';
  const marker = BigInt(index) + 1n;
  return {
    index,
    agent,
    method,
    // What a courier never sends must not fill the budget of all.
    lamports: agent === 'courier' ? marker : BigInt(1 + random.below(9)) * SPAN + marker,
    key: mayAsk || random.chance(60) ? `ask-${index}` : null,
    afterwards: random.pick(['sends it', 'sends it', 'sends it late', 'keeps it']),
    isDoomed: agent === 'courier' && random.chance(15),
    decision: mayAsk ? random.pick(agent === 'spender' && random.chance(40) ? LEFT : DECIDED) : null,
  };
}

/** Whatever room there is. */
export function alwaysNeedsApproval({ agent, lamports }: Ask): boolean {
  return agent === 'buyer' && lamports > UNASKED_LAMPORTS;
}

/** Which ask lets so many lamports leave the wallet; nothing else in the run does. */
export function askIndexOf(lamports: bigint): number {
  return Number(lamports % SPAN) - 1;
}

export function transactionOf(ask: Ask, wallet: Address, recipient: Address): Uint8Array {
  return ask.isDoomed
    ? withoutComputeUnits(wallet, recipient, ask.lamports)
    : solTransfer(wallet, recipient, ask.lamports);
}

function drawAgent(random: SeededRandom, crew: readonly AgentId[]): AgentId {
  return random.pick(crew.flatMap((agent) => Array<AgentId>(weightOf(agent)).fill(agent)));
}
