// Owns whether the credentials of relayers at which somebody else pays were ever right: the gateway is not ready before they were.
import type { RelayerCheck } from '../../relayer/relayer.ts';
import { type BackendCheckDeps, checkRelayers } from '../pipeline/administration/backend-checks.ts';
import type { ReadyPart } from '../telemetry/http.ts';
import type { Log } from '../telemetry/log.ts';
import { firstRound } from './first-round.ts';

export interface PayerWatch {
  /** One for each whose configuration was never right, as far as that is known. */
  readonly parts: () => readonly ReadyPart[];
  /** Returns when each was checked once, or after two seconds. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface PayerWatchOptions {
  readonly checked: BackendCheckDeps;
  readonly log: Log;
}

export const CHECK_EVERY_MS = 3_000;

/** Keys at which an outage shows too: the address may be right, and nobody there now. */
const OF_THE_PLACE: ReadonlySet<string> = new Set(['urls']);

/** One that was right once is not looked at again: what goes bad later does so for every gateway. */
export function createPayerWatch({ checked, log }: PayerWatchOptions): PayerWatch {
  const wrong = new Map<string, string>();
  const timers = new Map<string, NodeJS.Timeout>();
  let isStopped = false;
  const look = async (name: string): Promise<void> => {
    const [found] = await checkRelayers(checked, name);
    if (found === undefined || isStopped) return;
    const problem = configurationProblem(found.result);
    if (problem === null) {
      if (wrong.delete(name)) log.info({ part: 'relayer', relayer: name }, 'the relayer is configured right');
      return;
    }
    if (wrong.get(name) !== problem)
      log.warn({ part: 'relayer', relayer: name, reason: problem }, 'the relayer is not ready');
    wrong.set(name, problem);
    timers.set(name, setTimeout(() => void look(name), CHECK_EVERY_MS).unref());
  };
  return {
    parts: () => [...wrong].map(([name, detail]) => ({ part: `relayer ${name}`, ready: false, detail })),
    start: async () => {
      const koras = [...checked.relayers.values()].filter(({ backend }) => backend === 'kora');
      await firstRound(Promise.all(koras.map(({ name }) => look(name))));
    },
    stop: async () => {
      isStopped = true;
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}

function configurationProblem(check: RelayerCheck): string | null {
  if (check.kind === 'ready' || check.field === null || OF_THE_PLACE.has(check.field)) return null;
  return `${check.field}: ${check.reason}`;
}
