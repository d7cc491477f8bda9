// Owns how a plan becomes the policy input of a golden case. A transaction is compiled by kit, then read and judged by the core.
import { type Address, blockhash, type Instruction, type V1TransactionConfig } from '@solana/kit';
import { assertNever } from '../../../gateway/core/assert-never.ts';
import type { CanonicalValue } from '../../../gateway/core/canonical-json.ts';
import { parseJson } from '../../../gateway/core/decision/json-value.ts';
import type { ChainFacts } from '../../../gateway/core/effects/chain-facts.ts';
import { computeEffects } from '../../../gateway/core/effects/compute-effects.ts';
import { type Chain, decodeWire, readFacts } from '../../../gateway/core/effects/testing/judge.ts';
import { buildPolicyInput } from '../../../gateway/core/policy-input.ts';
import { interpretSimulation } from '../../../gateway/core/simulation/interpret.ts';
import { NOT_SIMULATED, type Simulation } from '../../../gateway/core/simulation/simulation.ts';
import type { SimulationAnswer } from '../../../gateway/core/simulation/simulation-answer.ts';
import type { DecodedTransaction } from '../../../gateway/core/transaction/decoded-transaction.ts';
import {
  type DescribedPrograms,
  NOTHING_DESCRIBED,
} from '../../../gateway/core/transaction/programs/decode-instruction.ts';
import { encodeLegacy, encodeV0, encodeV1, type KnownTable } from '../../../test/differential/corpus.ts';
import { type GoldenTime, goldenRequest } from './golden-request.ts';
import { type MessagePlan, messageInput } from './message-plan.ts';
import { WALLET } from './scene.ts';

export type PlannedCase = GoldenPlan | MessagePlan;

export interface GoldenPlan {
  /** Begins with the decision that is expected: allow, approval or deny. */
  readonly name: string;
  readonly description: string;
  readonly instructions: readonly Instruction[];
  /** 0 when not given. */
  readonly version?: 'legacy' | 0 | 1;
  /** Of version 1. */
  readonly config?: V1TransactionConfig;
  /** The wallet when not given. */
  readonly feePayer?: Address;
  /** Lookup tables that version 0 uses where it can. */
  readonly tables?: readonly KnownTable[];
  /** What the chain holds; other accounts do not exist. */
  readonly chain?: Chain;
  /** The agent that asks and the id of the wallet; `trader` and `treasury` when not given. */
  readonly caller?: readonly [agent: string, wallet: string];
  readonly context?: Readonly<Record<string, string>>;
  readonly described?: DescribedPrograms;
  /** When it is judged: by the clock of which zones, in Unix milliseconds. The usual time, and no zone, when not given. */
  readonly time?: GoldenTime;
  /** How many nodes had to say the same; 1 when not given. */
  readonly endpoints?: number;
  /** What the node answers to a simulation; not asked when not given. */
  readonly simulation?: (decoded: DecodedTransaction) => SimulationAnswer;
}

const BLOCKHASH = blockhash('4sGjMW1sUnHzSxGspuhpqLDx6wiyjNtZAMdL4VZHirAn');
const SLOT = 400_000_000n;

/** The same plan gives the same input. */
export function goldenInput(plan: PlannedCase): CanonicalValue {
  const bytes = 'message' in plan ? messageInput(plan) : transactionInput(plan);
  return parseJson(new TextDecoder().decode(bytes));
}

function transactionInput(plan: GoldenPlan): Uint8Array {
  const { caller = ['trader', 'treasury'], context = {}, described = NOTHING_DESCRIBED } = plan;
  const [agent, wallet] = caller;
  const decoded = decodeWire(encode(plan), plan.tables, described);
  const { accounts } = readFacts(decoded, WALLET, plan.chain ?? []);
  const facts = { slot: accounts.size === 0 ? null : SLOT, accounts };
  return buildPolicyInput({
    request: goldenRequest('sign', plan.time),
    agent: { kind: 'agent', id: agent, wallets: [wallet] },
    wallet: { id: wallet, address: WALLET },
    transaction: decoded,
    effects: computeEffects(decoded, WALLET, facts),
    simulation: simulationOf(plan, decoded, facts),
    chain: { slot: facts.slot, endpoints: plan.endpoints ?? 1, cached: [] },
    context,
  });
}

function encode(plan: GoldenPlan): Uint8Array {
  const { instructions, version = 0, feePayer = WALLET, tables = [], config = {} } = plan;
  switch (version) {
    case 'legacy':
      return encodeLegacy(feePayer, BLOCKHASH, instructions);
    case 0:
      return encodeV0(feePayer, BLOCKHASH, instructions, tables);
    case 1:
      return encodeV1(feePayer, BLOCKHASH, instructions, config);
    default:
      return assertNever(version);
  }
}

function simulationOf(plan: GoldenPlan, decoded: DecodedTransaction, { accounts }: ChainFacts): Simulation {
  const { simulation, chain = [], described = NOTHING_DESCRIBED } = plan;
  if (simulation === undefined) return NOT_SIMULATED;
  const all = new Map(accounts);
  const held = new Map(chain);
  for (const { address } of decoded.accounts) all.set(address, held.get(address) ?? null);
  return interpretSimulation(simulation(decoded), {
    decoded,
    wallet: WALLET,
    facts: { slot: SLOT, accounts: all },
    described,
  });
}
