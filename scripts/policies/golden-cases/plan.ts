// Owns how a planned transaction becomes the policy input of a golden case: compiled by kit, then read and judged by the core.
import {
  type Address,
  appendTransactionMessageInstructions,
  blockhash,
  compileTransaction,
  compressTransactionMessageUsingAddressLookupTables,
  createTransactionMessage,
  getTransactionEncoder,
  type Instruction,
  pipe,
  setTransactionMessageConfig,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
  type V1TransactionConfig,
} from '@solana/kit';
import type { CanonicalValue } from '../../../gateway/core/canonical-json.ts';
import { parseJson } from '../../../gateway/core/decision/json-value.ts';
import type { AccountState, ChainFacts } from '../../../gateway/core/effects/chain-facts.ts';
import { computeEffects } from '../../../gateway/core/effects/compute-effects.ts';
import { accountsNeeded } from '../../../gateway/core/effects/facts-needed.ts';
import type { Chain } from '../../../gateway/core/effects/testing/judge.ts';
import { buildPolicyInput } from '../../../gateway/core/policy-input.ts';
import { interpretSimulation } from '../../../gateway/core/simulation/interpret.ts';
import { NOT_SIMULATED, type Simulation } from '../../../gateway/core/simulation/simulation.ts';
import type { SimulationAnswer } from '../../../gateway/core/simulation/simulation-answer.ts';
import { decodeTransaction } from '../../../gateway/core/transaction/decode.ts';
import type { DecodedTransaction, LookupTable } from '../../../gateway/core/transaction/decoded-transaction.ts';
import { parseTransaction } from '../../../gateway/core/transaction/parse.ts';
import {
  type DescribedPrograms,
  NOTHING_DESCRIBED,
} from '../../../gateway/core/transaction/programs/decode-instruction.ts';
import { resolveAccounts } from '../../../gateway/core/transaction/resolve.ts';
import { WALLET } from './scene.ts';

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
  readonly tables?: Readonly<Record<Address, Address[]>>;
  /** What the chain holds; other accounts do not exist. */
  readonly chain?: Chain;
  /** The agent that asks and the id of the wallet; `trader` and `treasury` when not given. */
  readonly caller?: readonly [agent: string, wallet: string];
  readonly context?: Readonly<Record<string, string>>;
  readonly described?: DescribedPrograms;
  /** What the node answers to a simulation; not asked when not given. */
  readonly simulation?: (decoded: DecodedTransaction) => SimulationAnswer;
}

const BLOCKHASH = blockhash('4sGjMW1sUnHzSxGspuhpqLDx6wiyjNtZAMdL4VZHirAn');
const LIFETIME = { blockhash: BLOCKHASH, lastValidBlockHeight: 1n };
const SLOT = 400_000_000n;

/** The same plan gives the same input. */
export function goldenInput(plan: GoldenPlan): CanonicalValue {
  const { caller = ['trader', 'treasury'], context = {}, described = NOTHING_DESCRIBED } = plan;
  const [agent, wallet] = caller;
  const decoded = decode(compile(plan), new Map(Object.entries(plan.tables ?? {})), described);
  const facts = readChain(decoded, plan.chain ?? []);
  const bytes = buildPolicyInput({
    request: { id: '01890a5d-ac96-774b-bcce-b302099a8057', method: 'sign', time: 1_767_225_600_000 },
    agent: { kind: 'agent', id: agent, wallets: [wallet] },
    wallet: { id: wallet, address: WALLET },
    transaction: decoded,
    effects: computeEffects(decoded, WALLET, facts),
    simulation: simulationOf(plan, decoded, facts),
    chain: { slot: facts.slot, endpoints: 1, cached: [] },
    context,
  });
  return parseJson(new TextDecoder().decode(bytes));
}

function compile(plan: GoldenPlan): Uint8Array {
  const { instructions, version = 0, feePayer = WALLET } = plan;
  const message =
    version === 1
      ? pipe(
          createTransactionMessage({ version: 1 }),
          (m) => setTransactionMessageConfig(plan.config ?? {}, m),
          (m) => setTransactionMessageFeePayer(feePayer, m),
          (m) => setTransactionMessageLifetimeUsingBlockhash(LIFETIME, m),
          (m) => compileTransaction(appendTransactionMessageInstructions(instructions, m)),
        )
      : version === 'legacy'
        ? pipe(
            createTransactionMessage({ version: 'legacy' }),
            (m) => setTransactionMessageFeePayer(feePayer, m),
            (m) => setTransactionMessageLifetimeUsingBlockhash(LIFETIME, m),
            (m) => compileTransaction(appendTransactionMessageInstructions(instructions, m)),
          )
        : pipe(
            createTransactionMessage({ version: 0 }),
            (m) => setTransactionMessageFeePayer(feePayer, m),
            (m) => setTransactionMessageLifetimeUsingBlockhash(LIFETIME, m),
            (m) => appendTransactionMessageInstructions(instructions, m),
            (m) => compressTransactionMessageUsingAddressLookupTables(m, plan.tables ?? {}),
            (m) => compileTransaction(m),
          );
  return new Uint8Array(getTransactionEncoder().encode(message));
}

function decode(
  wire: Uint8Array,
  tables: ReadonlyMap<string, readonly Address[]>,
  described: DescribedPrograms,
): DecodedTransaction {
  const parsed = parseTransaction(wire);
  if (parsed.kind === 'malformed') throw new Error(JSON.stringify(parsed.error));
  const held = new Map<Address, LookupTable | null>();
  for (const { table } of parsed.value.lookups) held.set(table, { addresses: tables.get(table) ?? [] });
  const accounts = resolveAccounts(parsed.value, held);
  if (accounts.kind === 'malformed') throw new Error(JSON.stringify(accounts.error));
  return decodeTransaction(parsed.value, accounts.value, described);
}

/** Asks until nothing is needed any more, as the gateway does. */
function readChain(decoded: DecodedTransaction, chain: Chain): ChainFacts {
  const held = new Map(chain);
  const accounts = new Map<Address, AccountState | null>();
  for (;;) {
    const slot = accounts.size === 0 ? null : SLOT;
    const needed = accountsNeeded(decoded, WALLET, { slot, accounts });
    if (needed.length === 0) return { slot, accounts };
    for (const address of needed) accounts.set(address, held.get(address) ?? null);
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
