// Owns when the judged transaction is simulated, and what its simulation becomes: at once where the message shows the need, beside the facts.
import type { Address } from '../../core/address.ts';
import { assertNever } from '../../core/assert-never.ts';
import type { ChainFacts } from '../../core/effects/chain-facts.ts';
import type { Effects } from '../../core/effects/effects.ts';
import { interpretSimulation } from '../../core/simulation/interpret.ts';
import { needsSimulation } from '../../core/simulation/needs-simulation.ts';
import type { Simulation } from '../../core/simulation/simulation.ts';
import type { SimulationAnswer } from '../../core/simulation/simulation-answer.ts';
import type { DecodedTransaction } from '../../core/transaction/decoded-transaction.ts';
import type { DescribedPrograms } from '../../core/transaction/programs/decode-instruction.ts';
import { TOKEN_2022_PROGRAM } from '../../core/transaction/programs/program-ids.ts';
import type { PipelineDeps, SimulationSettings } from '../pipeline-deps.ts';
import { simulateOnce } from '../simulate.ts';
import { accountsOfUse } from './chain-facts.ts';
import { type ChainSession, readAccounts } from './chain-session.ts';
import type { PendingBytes } from './judged-bytes.ts';

/** A simulation that was started beside the facts may be of a slightly older slot than they are; about 13 seconds. */
const MAX_LAG_SLOTS = 32n;

type SimulationDeps = Pick<PipelineDeps, 'chain' | 'simulation' | 'observer'>;

export interface SimulationRun {
  readonly answer: Promise<SimulationAnswer>;
  /** Accounts whose states before the simulation it is compared with. */
  readonly accounts: readonly Address[];
  /** When it is answered, from the first question of the judgement on. */
  readonly roundTrips: number;
}

export interface SimulatedTransaction {
  readonly decoded: DecodedTransaction;
  readonly bytes: PendingBytes;
}

/** Whether a simulation is wanted before the facts are known. */
export function isWantedAtOnce(
  { mode }: SimulationSettings,
  session: ChainSession,
  decoded: DecodedTransaction,
): boolean {
  switch (mode) {
    case 'off':
      return false;
    case 'always':
      return true;
    case 'when_needed':
      // After a round trip for lookup tables there is no time to find a transfer hook first.
      return needsSimulation(decoded) || (session.roundTrips > 0 && mayCallHook(decoded));
    default:
      return assertNever(mode);
  }
}

/** Whether the answer counts, now that the effects are known. */
export function isWanted({ mode }: SimulationSettings, decoded: DecodedTransaction, effects: Effects): boolean {
  return mode === 'always' || (mode === 'when_needed' && needsSimulation(decoded, effects));
}

/** The promise of the answer rejects only when the caller gives up, or the blockhash cannot be had. */
export function startSimulation(
  deps: SimulationDeps,
  session: ChainSession,
  { decoded, bytes }: SimulatedTransaction,
  signal: AbortSignal,
): SimulationRun {
  const started = performance.now();
  const { accounts, compiled } = decoded;
  const { timeoutMs } = deps.simulation;
  const notBefore = session.slot;
  const run = async (): Promise<SimulationAnswer> => {
    const { wire } = await bytes.arrival;
    const answer = await simulateOnce(deps.chain, { wire, accounts, notBefore, timeoutMs }, signal);
    deps.observer.stage('simulate', (performance.now() - started) / 1000);
    return answer;
  };
  const answer = run();
  // Whoever needs it awaits it; a fault before that must not end the process.
  answer.catch(() => undefined);
  const addresses = accounts.map(({ address }) => address);
  const roundTrips = Math.max(session.roundTrips, bytes.roundTrips) + 1;
  return { answer, accounts: accountsOfUse(compiled, addresses), roundTrips };
}

/** What the simulation showed, against the states before it: those that nobody has read yet are read while it is under way. */
export async function finishSimulation(
  run: SimulationRun,
  session: ChainSession,
  judged: {
    readonly decoded: DecodedTransaction;
    readonly wallet: Address;
    readonly facts: ChainFacts;
    readonly described: DescribedPrograms;
  },
): Promise<Simulation> {
  const [answer] = await Promise.all([run.answer, readAccounts(session, [], run.accounts)]);
  if (answer.status !== 'unavailable' && session.slot !== null && answer.slot + MAX_LAG_SLOTS < session.slot) {
    const reason = `it is of slot ${answer.slot}, the facts are of slot ${session.slot}`;
    return { status: 'unavailable', reason };
  }
  const facts = { ...judged.facts, slot: session.slot, accounts: new Map([...session.glimpsed, ...session.accounts]) };
  return interpretSimulation(answer, { ...judged, facts });
}

/** Only Token-2022 calls hooks, and only the mint tells whether. */
function mayCallHook({ instructions }: DecodedTransaction): boolean {
  return instructions.some(({ program }) => program === TOKEN_2022_PROGRAM);
}
