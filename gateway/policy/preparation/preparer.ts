// Owns the thread that prepares bundles, as the thread that serves sees it: one bundle at a time, each within a time and a memory.
import { Worker } from 'node:worker_threads';
import type {
  KnownModule,
  PreparationMessage,
  PreparationRequest,
  PreparationResult,
  PreparedBundle,
  Rehearsal,
} from './preparation.ts';
import { BundleRefused } from './refusal.ts';

const DEADLINE_MS = 60_000;
/** Of JavaScript; WebAssembly has a bound of its own. */
const MOST_HEAP_MIB = 1_536;
/** After so long without a bundle, a new thread takes the place of the one that holds the memory of the last. */
const IDLE_MS = 30_000;
/** As many as revisions are open: those have them anyway. */
const MOST_MODULES = 2;

export interface Preparer {
  /** Throws BundleRefused. */
  prepare(request: PreparationRequest): Promise<PreparedBundle>;
  close(): Promise<void>;
}

export function createPreparer(options: { readonly deadlineMs?: number } = {}): Preparer {
  const deadlineMs = options.deadlineMs ?? DEADLINE_MS;
  let worker: Worker | null = null;
  let last: Promise<unknown> = Promise.resolve();
  let idle: NodeJS.Timeout | undefined;
  let closed = false;
  let knownModules: readonly KnownModule[] = [];
  let rehearsal: Rehearsal | null = null;

  /** The newest first. */
  function remember(module: KnownModule): void {
    const others = knownModules.filter(({ wasmSha256 }) => wasmSha256 !== module.wasmSha256);
    knownModules = [module, ...others].slice(0, MOST_MODULES);
  }

  function workerNow(): Worker {
    clearTimeout(idle);
    if (worker !== null) return worker;
    const started = new Worker(new URL('./preparation-worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: MOST_HEAP_MIB },
      workerData: { rehearsal },
      // Not those of the process: some are refused for a thread.
      execArgv: [],
    });
    // Whoever waits for it hears of its end too.
    started.on('error', () => {});
    started.once('exit', () => {
      if (worker === started) worker = null;
    });
    started.unref();
    worker = started;
    return started;
  }

  async function end(): Promise<void> {
    clearTimeout(idle);
    const ending = worker;
    worker = null;
    await ending?.terminate();
  }

  /** It stands by: starting takes longer than preparing a small bundle. */
  async function renew(): Promise<void> {
    await end();
    if (!closed) workerNow();
  }

  async function prepareNow(request: PreparationRequest): Promise<PreparedBundle> {
    if (closed) throw new BundleRefused('SOURCE_FAILED', 'the gateway stops');
    const asked = workerNow();
    asked.ref();
    const result = await ask(asked, { request, knownModules }, deadlineMs);
    asked.unref();
    if (closed) throw new BundleRefused('SOURCE_FAILED', 'the gateway stops');
    // A thread that was held, or has died, is of no more use.
    if (result.kind === 'refused' && result.code === 'TOO_EXPENSIVE') await renew();
    else idle = setTimeout(() => void renew(), IDLE_MS).unref();
    if (result.kind === 'prepared') {
      remember(result.bundle.module);
      rehearsal = result.bundle.rehearsal;
      return result.bundle;
    }
    throw new BundleRefused(result.code, result.message);
  }

  workerNow();
  return {
    prepare(request) {
      const prepared = last.then(() => prepareNow(request));
      last = prepared.catch(() => {});
      return prepared;
    },
    async close() {
      closed = true;
      await end();
      await last;
    },
  };
}

/** Whatever happens to the thread, there is a result. */
function ask(worker: Worker, message: PreparationMessage, deadlineMs: number): Promise<PreparationResult> {
  return new Promise((resolve) => {
    const tooExpensive = (what: string) =>
      done({ kind: 'refused', code: 'TOO_EXPENSIVE', message: `policy bundle ${message.request.label}: ${what}` });
    const onError = (error: unknown) =>
      tooExpensive(`its preparation failed: ${error instanceof Error ? error.message : String(error)}`);
    const onExit = () => tooExpensive('its preparation was ended');
    const timer = setTimeout(
      () => tooExpensive(`it was not compiled, tested and warmed within ${deadlineMs / 1000} s; does a rule loop?`),
      deadlineMs,
    );
    function done(result: PreparationResult): void {
      clearTimeout(timer);
      worker.off('message', done).off('error', onError).off('exit', onExit);
      resolve(result);
    }
    worker.on('message', done).on('error', onError).on('exit', onExit);
    worker.postMessage(message);
  });
}
