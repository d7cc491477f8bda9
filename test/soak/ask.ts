// Owns what the agents of the soak ask, drawn from the seed. What lands tells by its amount which ask it was.
import type { Address } from '@solana/kit';
import { solTransfer } from '../../tour/transactions.ts';
import type { SeededRandom } from '../differential/seeded-random.ts';
import { withoutComputeUnits } from '../integration/doomed-transaction.ts';
import { AGENT_IDS, AGENTS, type AgentId } from './limits.ts';

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
}

const SPAN = 1_000_000n;

export function drawAsk(random: SeededRandom, index: number): Ask {
  const agent = drawAgent(random);
  const method = agent === 'courier' ? 'sign' : 'send';
  const marker = BigInt(index) + 1n;
  return {
    index,
    agent,
    method,
    lamports: method === 'sign' ? marker : BigInt(1 + random.below(9)) * SPAN + marker,
    key: random.chance(60) ? `ask-${index}` : null,
    afterwards: random.pick(['sends it', 'sends it', 'sends it late', 'keeps it']),
    isDoomed: method === 'sign' && random.chance(15),
  };
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

function drawAgent(random: SeededRandom): AgentId {
  let rest = random.below(100);
  for (const agent of AGENT_IDS) {
    if (rest < AGENTS[agent]) return agent;
    rest -= AGENTS[agent];
  }
  return 'sender';
}
