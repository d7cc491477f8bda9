// Owns explanations of kept revisions, asked one after the other of a thread of their own: people may ask about any input, and one that
// is slow or makes a policy fail must cost no request anything.
import { Worker } from 'node:worker_threads';
import type { Verdict } from '../../core/decision/decision.ts';
import { GatewayError } from '../../core/errors.ts';
import type { PolicyStore } from '../../state/contract/policy-store.ts';
import { notFound } from './revisions.ts';

export interface ExplainQuestion {
  readonly revision: string;
  /** `null`: the thread has it open. */
  readonly archive: Uint8Array | null;
  readonly input: Uint8Array;
}

export interface Explained {
  readonly verdict: Verdict;
  /** `null`: the revision cannot explain, or fails on this input. */
  readonly explanation: string | null;
}

export type ExplainAnswer =
  | ({ readonly kind: 'explained' } & Explained)
  | { readonly kind: 'failed'; readonly message: string };

export interface Explainer {
  /** Throws REVISION_NOT_FOUND, BUNDLE_REFUSED, OVERLOADED, STORE_UNAVAILABLE. */
  explain(revision: string, input: Uint8Array): Promise<Explained>;
  close(): Promise<void>;
}

const MOST_WAITING = 8;
const DEADLINE_MS = 25_000;
const IDLE_MS = 60_000;
const MOST_HEAP_MIB = 512;

export function createExplainer(store: Pick<PolicyStore, 'archive'>): Explainer {
  let worker: Worker | null = null;
  let open: string | null = null;
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  let idle: NodeJS.Timeout | undefined;
  let closed = false;

  function workerNow(): Worker {
    if (worker !== null) return worker;
    const started = new Worker(new URL('./explain-worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: MOST_HEAP_MIB },
      execArgv: [],
    });
    started.on('error', () => {});
    started.once('exit', () => {
      if (worker === started) [worker, open] = [null, null];
    });
    started.unref();
    worker = started;
    return started;
  }

  async function end(): Promise<void> {
    clearTimeout(idle);
    const ending = worker;
    [worker, open] = [null, null];
    await ending?.terminate();
  }

  async function explainNow(revision: string, input: Uint8Array): Promise<Explained> {
    if (closed) throw new GatewayError('SHUTTING_DOWN', 'the gateway stops');
    clearTimeout(idle);
    const asked = workerNow();
    const archive = open === revision ? null : await store.archive(revision);
    if (open !== revision && archive === null) throw notFound(revision);
    open = null;
    const answer = await ask(asked, { revision, archive, input });
    if (answer.kind === 'ended') await end();
    else idle = setTimeout(() => void end(), IDLE_MS).unref();
    if (answer.kind !== 'explained') throw new GatewayError('BUNDLE_REFUSED', answer.message);
    open = revision;
    return answer;
  }

  return {
    async explain(revision, input) {
      if (waiting >= MOST_WAITING) {
        throw new GatewayError(
          'OVERLOADED',
          `${MOST_WAITING} explanations are under way already; ask again in a moment`,
        );
      }
      waiting += 1;
      const explained = last.then(() => explainNow(revision, input));
      last = explained.catch(() => {});
      return explained.finally(() => {
        waiting -= 1;
      });
    },
    async close() {
      closed = true;
      await end();
      await last;
    },
  };
}

type Outcome = ExplainAnswer | { readonly kind: 'ended'; readonly message: string };

/** Whatever happens to the thread, there is an answer. */
function ask(worker: Worker, question: ExplainQuestion): Promise<Outcome> {
  return new Promise((resolve) => {
    const ended = (how: string) => done({ kind: 'ended', message: `policy revision ${question.revision}: ${how}` });
    const onError = (error: unknown) => ended(error instanceof Error ? error.message : String(error));
    const onExit = () => ended('the thread that explains has ended');
    const timer = setTimeout(() => ended(`it explained nothing within ${DEADLINE_MS / 1000} s`), DEADLINE_MS);
    function done(outcome: Outcome): void {
      clearTimeout(timer);
      worker.off('message', done).off('error', onError).off('exit', onExit);
      resolve(outcome);
    }
    worker.on('message', done).on('error', onError).on('exit', onExit);
    worker.postMessage(question);
  });
}
