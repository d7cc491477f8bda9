// Owns the measurement of a swap: policy bundles are replaced under load, and every call is answered by the one or the other.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fromBinary } from '@bufbuild/protobuf';
import { writeBundle } from '../gateway/policy/build/write-bundle.ts';
import type { BundleFiles } from '../gateway/policy/bundle/bundle.ts';
import { readDirectoryFiles } from '../gateway/policy/bundle/read-directory.ts';
import { SignTransactionResponseSchema } from '../proto/gen/countersign/v1/signing_pb.ts';
import { type LoadTarget, measureLoad, quantile } from './load.ts';

const SWAPS = 5;
const APART_MS = 2_000;
/** Requests that ended so near a swap count as those around it. */
const AROUND_MS = 500;

export interface SwapMeasurement {
  readonly swaps: number;
  /** Answers without a signature; must be 0. A call that fails rejects the measurement. */
  readonly unanswered: number;
  /** From the moment that a bundle stands in its directory until the first answer by it: the longest. */
  readonly slowestMs: number;
  readonly p99Ms: number;
  readonly p99AroundMs: number;
}

/** `directory`: where the gateway under load has its configuration and its bundle. Rejects when a swap is not seen. */
export async function measureSwaps(target: LoadTarget, directory: string, inFlight: number): Promise<SwapMeasurement> {
  const bundle = join(directory, 'bundle');
  const files = await readDirectoryFiles(bundle);
  const published: { readonly revision: string; readonly at: number }[] = [];
  const publishing = (async () => {
    for (let i = 1; i <= SWAPS; i++) {
      await sleep(APART_MS);
      const revision = `swap-${i}`;
      await writeBundle(renamed(files, revision), bundle);
      published.push({ revision, at: performance.now() });
    }
  })();
  const { calls } = await measureLoad(target, inFlight, ((SWAPS + 1) * APART_MS) / 1000);
  await publishing;
  const judged = calls.map(({ answer, endedAt, milliseconds }) => {
    const { bundleRevision, outcome } = fromBinary(SignTransactionResponseSchema, answer);
    return { bundleRevision, endedAt, milliseconds, isSigned: outcome.case === 'signed' };
  });
  const active = published.map(({ revision, at }) => {
    const first = judged.filter((call) => call.bundleRevision === revision).map((call) => call.endedAt);
    if (first.length === 0) throw new Error(`revision ${revision} never decided`);
    return { at, since: Math.min(...first) };
  });
  const isAround = (endedAt: number) => active.some(({ since }) => Math.abs(endedAt - since) < AROUND_MS);
  const around = judged.filter(({ endedAt }) => isAround(endedAt));
  const apart = judged.filter(({ endedAt }) => !isAround(endedAt));
  return {
    swaps: SWAPS,
    unanswered: judged.filter(({ isSigned }) => !isSigned).length,
    slowestMs: Math.max(...active.map(({ at, since }) => since - at)),
    p99Ms: p99(apart),
    p99AroundMs: p99(around),
  };
}

function p99(calls: readonly { readonly milliseconds: number }[]): number {
  return quantile(
    calls.map(({ milliseconds }) => milliseconds),
    0.99,
  );
}

/** The same content under another name. */
function renamed(files: BundleFiles, revision: string): BundleFiles {
  const manifest: unknown = JSON.parse(new TextDecoder().decode(files.get('.manifest')));
  const text = JSON.stringify({ ...Object(manifest), revision });
  return new Map([...files, ['.manifest', new TextEncoder().encode(text)]]);
}
