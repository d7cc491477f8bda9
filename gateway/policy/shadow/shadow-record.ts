// Owns what shadows found until the record has it: tried again and again within bounds, and what had to be given up is counted.
import { setTimeout as pause } from 'node:timers/promises';
import type { PolicyStore } from '../../state/contract/policy-store.ts';
import type { PolicyLog } from '../evaluation/open-generation.ts';
import { mergeFindings, type ShadowFindings } from './shadow-tally.ts';

const FLUSH_EVERY_MS = 1_000;
/** Of one shadow beside one active revision: what one decided and another would have is not one sum. */
const MOST_RUNS = 20;
/** How long a gateway that stops waits for the record to come back. */
const LONGEST_CLOSE_MS = 3_000;
const PAUSE_MS = 100;

/** Told of what a shadow found: how many decisions of each kind. Of kind `lost` are those whose findings no record will have. */
export interface ShadowObserver {
  shadowed(kind: string, decisions: number): void;
}

export interface ShadowRecord {
  add(shadowRevision: string, activeRevision: string, findings: ShadowFindings): void;
  /** What is found after it is not recorded. */
  close(): Promise<void>;
}

export interface ShadowRecordOptions {
  readonly store: Pick<PolicyStore, 'addShadow'>;
  readonly replica: string;
  readonly log: PolicyLog;
  readonly observer: ShadowObserver;
  readonly longestCloseMs?: number;
}

interface Run {
  readonly shadowRevision: string;
  readonly activeRevision: string;
  readonly findings: ShadowFindings;
}

export function openShadowRecord(options: ShadowRecordOptions): ShadowRecord {
  const { store, replica, log, observer, longestCloseMs = LONGEST_CLOSE_MS } = options;
  let waiting = new Map<string, Run>();
  let turn: Promise<void> = Promise.resolve();

  function giveUp(run: Run): void {
    const decisions = run.findings.tallies
      .filter(({ kind }) => kind === 'judged' || kind === 'skipped')
      .reduce((sum, tally) => sum + tally.decisions, 0n);
    observer.shadowed('lost', Number(decisions));
    const { shadowRevision, activeRevision } = run;
    log('what a shadow found is lost', { shadowRevision, activeRevision, decisions: decisions.toString() });
  }

  function put(key: string, run: Run): void {
    waiting.set(key, run);
    const [oldest] = waiting;
    if (waiting.size <= MOST_RUNS || oldest === undefined) return;
    waiting.delete(oldest[0]);
    giveUp(oldest[1]);
  }

  async function flushNow(): Promise<void> {
    const taken = waiting;
    waiting = new Map();
    for (const [key, run] of taken) {
      const { shadowRevision, activeRevision, findings } = run;
      try {
        await store.addShadow({ replica, activeRevision, shadowRevision }, findings.tallies, findings.samples);
      } catch (error) {
        const since = waiting.get(key);
        put(key, since === undefined ? run : { ...run, findings: mergeFindings(findings, since.findings) });
        const reason = error instanceof Error ? error.message : String(error);
        log('what a shadow found could not be recorded yet', { error: reason });
      }
    }
  }

  function flush(): Promise<void> {
    turn = turn.then(flushNow);
    return turn;
  }

  const timer = setInterval(() => void flush(), FLUSH_EVERY_MS).unref();
  return {
    add(shadowRevision, activeRevision, findings) {
      for (const { kind, decisions } of findings.tallies) observer.shadowed(kind, Number(decisions));
      const key = `${shadowRevision} ${activeRevision}`;
      const before = waiting.get(key)?.findings;
      put(key, {
        shadowRevision,
        activeRevision,
        findings: before === undefined ? findings : mergeFindings(before, findings),
      });
    },
    async close() {
      clearInterval(timer);
      const deadline = performance.now() + longestCloseMs;
      await flush();
      while (waiting.size > 0 && performance.now() < deadline) {
        await pause(PAUSE_MS);
        await flush();
      }
      for (const run of waiting.values()) giveUp(run);
      waiting = new Map();
    },
  };
}
