// Owns a shadow: another revision judges what the active one judged, in a thread of its own. Where it cannot keep up, decisions are
// left out and counted; the answer path never waits for it.
import { Worker } from 'node:worker_threads';
import type { Verdict } from '../../core/decision/decision.ts';
import type { ShadowAnswer, ShadowBatch, ShadowWork } from './shadow-messages.ts';
import type { ShadowFindings } from './shadow-tally.ts';

/** What may wait for the thread; about a second of its work. */
const MOST_WAITING = 4_096;
const MOST_WAITING_BYTES = 16 * 1024 * 1024;
const MOST_IN_BATCH = 256;
/** Of the thread, beside the memory of its policy. */
const MOST_HEAP_MEBIBYTES = 1_024;

export interface ShadowOptions extends ShadowWork {
  /** What was found since the last call; from time to time. */
  readonly found: (findings: ShadowFindings, activeRevision: string) => void;
  /** The thread has ended by itself: it judges no more. */
  readonly failed: (error: Error) => void;
}

export interface Shadow {
  /** Tells what the active revision judged. Returns at once, whatever the shadow does. */
  judged(input: Uint8Array, verdict: Verdict, time: number, activeRevision: string): void;
  stop(): Promise<void>;
}

type Waiting = ShadowBatch['judged'][number] & { readonly activeRevision: string };

/** Resolves when it judges; rejects with what is wrong with the bundle. */
export async function startShadow(options: ShadowOptions): Promise<Shadow> {
  const { archive, label, found, failed } = options;
  const work: ShadowWork = { archive, label };
  const worker = new Worker(new URL('./shadow-worker.ts', import.meta.url), {
    workerData: work,
    resourceLimits: { maxOldGenerationSizeMb: MOST_HEAP_MEBIBYTES },
  });
  let waiting: Waiting[] = [];
  let waitingBytes = 0;
  let skipped = 0n;
  let underWay = '';
  let sent = 0;
  let isBusy = true;
  let isStopped = false;
  const ready = Promise.withResolvers<void>();

  function send(): void {
    if (isBusy || waiting.length === 0 || isStopped) return;
    // Decisions of one revision only: what is found out is told of it.
    const [first] = waiting;
    const end = waiting.findIndex(
      ({ activeRevision }, i) => i === MOST_IN_BATCH || activeRevision !== first?.activeRevision,
    );
    const judged = waiting.splice(0, end < 0 ? waiting.length : end);
    for (const { input } of judged) waitingBytes -= input.length;
    isBusy = true;
    sent = judged.length;
    underWay = first?.activeRevision ?? '';
    worker.postMessage({ judged } satisfies ShadowBatch);
  }

  worker.on('message', (answer: ShadowAnswer) => {
    isBusy = false;
    sent = 0;
    if (answer.kind === 'ready') ready.resolve();
    else found(withSkipped(answer.findings), underWay);
    send();
  });
  worker.once('error', (error) => {
    isStopped = true;
    leaveOut();
    ready.reject(error);
    failed(error instanceof Error ? error : new Error(String(error)));
  });
  worker.unref();
  await ready.promise;

  /** What the thread has not judged when it ends is not judged at all. */
  function leaveOut(): void {
    skipped += BigInt(sent + waiting.length);
    const [first] = waiting;
    const activeRevision = underWay === '' ? (first?.activeRevision ?? '') : underWay;
    [sent, waiting, waitingBytes] = [0, [], 0];
    if (skipped > 0n) found(withSkipped({ tallies: [], samples: [] }), activeRevision);
  }

  function withSkipped(findings: ShadowFindings): ShadowFindings {
    if (skipped === 0n) return findings;
    const tally = { kind: 'skipped', decisions: skipped, exposure: {} } as const;
    skipped = 0n;
    return { ...findings, tallies: [...findings.tallies, tally] };
  }

  return {
    judged(input, verdict, time, activeRevision) {
      if (isStopped) return;
      if (waiting.length >= MOST_WAITING || waitingBytes + input.length > MOST_WAITING_BYTES) {
        skipped += 1n;
        return;
      }
      waiting.push({ input, verdict, time, activeRevision });
      waitingBytes += input.length;
      // All that one turn of the event loop judges goes in one message.
      if (waiting.length === 1 && !isBusy) setImmediate(send);
    },
    async stop() {
      isStopped = true;
      await worker.terminate();
      leaveOut();
    },
  };
}
