// Owns the measurement of a swap: policy bundles are replaced under load, and every call is answered by the one or the other.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fromBinary } from '@bufbuild/protobuf';
import type { CanonicalValue } from '../gateway/core/canonical-json.ts';
import { isJsonList, parseJson } from '../gateway/core/decision/json-value.ts';
import { buildFiles } from '../gateway/policy/build/build-bundle.ts';
import { writeBundle } from '../gateway/policy/build/write-bundle.ts';
import type { BundleFiles } from '../gateway/policy/bundle/bundle.ts';
import { SignTransactionResponseSchema } from '../proto/gen/countersign/v1/signing_pb.ts';
import { type GatewayScene, IN_FLIGHT, withGateway } from './gateway-scene.ts';
import { measureLoad, quantile } from './load.ts';
import { readActivationSteps, type StageTime } from './stage-times.ts';

const SWAPS = 10;
const APART_MS = 2_000;
/** Requests that ended so near a swap count as those around it. */
const AROUND_MS = 500;

type Change = 'data' | 'rego';

export interface SwapMeasurement {
  readonly swaps: number;
  /** Answers without a signature; must be 0. A call that fails rejects the measurement. */
  readonly unanswered: number;
  /** From the moment that a bundle stands in its directory until the first answer by it: the longest, by what is changed. */
  readonly slowestMs: Readonly<Record<Change, number>>;
  readonly p99Ms: number;
  readonly p99AroundMs: number;
  readonly steps: readonly StageTime[];
}

interface Bundle {
  readonly revision: string;
  readonly change: Change;
  readonly files: BundleFiles;
}

/** Changes data and Rego in turn. Rejects when a swap is not seen. */
export function measureSwaps(): Promise<SwapMeasurement> {
  return withGateway(measure);
}

async function measure({ target, directory, http }: GatewayScene): Promise<SwapMeasurement> {
  const place = join(directory, 'bundle');
  const bundles = await changedBundles(place);
  const published: { readonly revision: string; readonly change: Change; readonly at: number }[] = [];
  const publishing = (async () => {
    for (const { revision, change, files } of bundles) {
      await sleep(APART_MS);
      await writeBundle(files, place);
      published.push({ revision, change, at: performance.now() });
    }
  })();
  const { calls } = await measureLoad(target, IN_FLIGHT, ((SWAPS + 2) * APART_MS) / 1000);
  await publishing;
  const judged = calls.map(({ answer, endedAt, milliseconds }) => {
    const { bundleRevision, outcome } = fromBinary(SignTransactionResponseSchema, answer);
    return { bundleRevision, endedAt, milliseconds, isSigned: outcome.case === 'signed' };
  });
  const active = published.map(({ revision, change, at }) => {
    const first = judged.find((call) => call.bundleRevision === revision);
    if (first === undefined) throw new Error(`revision ${revision} never decided`);
    return { change, at, since: first.endedAt };
  });
  const slowest = (change: Change) =>
    Math.max(...active.filter((swap) => swap.change === change).map(({ at, since }) => since - at));
  const isAround = (endedAt: number) => active.some(({ since }) => Math.abs(endedAt - since) < AROUND_MS);
  return {
    swaps: SWAPS,
    unanswered: judged.filter(({ isSigned }) => !isSigned).length,
    slowestMs: { data: slowest('data'), rego: slowest('rego') },
    p99Ms: p99(judged.filter(({ endedAt }) => !isAround(endedAt))),
    p99AroundMs: p99(judged.filter(({ endedAt }) => isAround(endedAt))),
    steps: await readActivationSteps(http),
  };
}

function p99(calls: readonly { readonly milliseconds: number }[]): number {
  return quantile(
    calls.map(({ milliseconds }) => milliseconds),
    0.99,
  );
}

/** Built before the load begins: one with another limit, one with another rule beside it, and so on. Each allows what the first does. */
async function changedBundles(place: string): Promise<readonly Bundle[]> {
  const document: CanonicalValue = parseJson(await readFile(join(place, 'data.json'), 'utf8'));
  const data: CanonicalValue = Object(document).countersign;
  const rules = await mkdtemp(join(tmpdir(), 'countersign-swap-'));
  const bundles: Bundle[] = [];
  try {
    for (let i = 1; i <= SWAPS; i++) {
      const change = i % 2 === 1 ? 'data' : 'rego';
      const revision = `swap-${i}`;
      if (change === 'rego') await writeFile(join(rules, 'spare.rego'), spareRule(i));
      const { files } = await buildFiles({ data: withFeeLimit(data, 100_000n + BigInt(i)), rules, revision });
      bundles.push({ revision, change, files });
    }
  } finally {
    await rm(rules, { recursive: true, force: true });
  }
  return bundles;
}

/** No wallet enables it, and yet it is in the module. */
function spareRule(turn: number): string {
  const reason = `{"code": "SPARE", "message": "spare ${turn}", "remedy": "allowed: never", "facts": {}}`;
  return `package countersign.rules.spare\n\ndefault verdict := {"decision": "deny", "reasons": [${reason}]}\n`;
}

/** The same data with another limit of what a fee may be, wherever there is one. */
function withFeeLimit(value: CanonicalValue, lamports: bigint): CanonicalValue {
  if (typeof value !== 'object' || value === null || isJsonList(value)) return value;
  return Object.fromEntries(
    Object.entries<CanonicalValue>(Object(value)).map(([key, item]) => [
      key,
      key === 'max_fee_lamports' ? lamports : withFeeLimit(item, lamports),
    ]),
  );
}
