// Owns the measurement of limits over time on the whole road: one gateway under load by a policy without limits, with three, with one of all.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import type { CanonicalValue } from '../gateway/core/canonical-json.ts';
import { isJsonList, parseJson } from '../gateway/core/decision/json-value.ts';
import { buildFiles } from '../gateway/policy/build/build-bundle.ts';
import { writeBundle } from '../gateway/policy/build/write-bundle.ts';
import { SignTransactionResponseSchema } from '../proto/gen/countersign/v1/signing_pb.ts';
import { type GatewayScene, IN_FLIGHT, withGateway } from './gateway-scene.ts';
import { type Load, measureLoad, quantile } from './load.ts';

type Kind = keyof typeof WINDOWS;

/** By the limits of the only asset that leaves. */
export type LimitedLoad = Readonly<Record<Kind, Limited>> & { readonly unanswered: number };

export interface Limited {
  /** Median milliseconds of a call, one at a time. */
  readonly aloneMs: number;
  /** Signatures a second, 64 and 256 in flight. */
  readonly few: number;
  readonly many: number;
}

const MANY_IN_FLIGHT = 256;

const LARGE = 2n ** 80n;
const day = (scope: string): CanonicalValue => ({ max: LARGE, rolling_seconds: 86_400n, scope });

const WINDOWS = {
  none: null,
  three: [day('agent_wallet'), day('agent'), day('wallet')],
  hot: [day('global')],
} as const satisfies Readonly<Record<string, CanonicalValue>>;

const ROUNDS = 3;

/** In rounds that take turns, after one that only warms up; the median of each. Rejects when a policy does not become active. */
export function measureLimitedLoad(seconds: number): Promise<LimitedLoad> {
  return withGateway((scene) => measure(scene, seconds));
}

async function measure(scene: GatewayScene, seconds: number): Promise<LimitedLoad> {
  const data = await readFile(join(scene.directory, 'bundle', 'data.json'), 'utf8');
  const given: CanonicalValue = Object(parseJson(data)).countersign;
  const measured: Record<Kind, Limited[]> = { none: [], three: [], hot: [] };
  let unanswered = 0;
  const loaded = async (inFlight: number): Promise<Load> => {
    const load = await measureLoad(scene.target, inFlight, seconds);
    unanswered += countUnsigned(load);
    return load;
  };
  for (let round = 0; round <= ROUNDS; round++) {
    for (const kind of ['none', 'three', 'hot'] as const) {
      await activate(scene, withWindows(given, WINDOWS[kind]), `${kind}-${round}`);
      const few = await loaded(IN_FLIGHT);
      const many = await loaded(MANY_IN_FLIGHT);
      const alone = await loaded(1);
      if (round === 0) continue;
      measured[kind].push({ aloneMs: alone.p50Ms, few: few.callsPerSecond, many: many.callsPerSecond });
    }
  }
  const median = (kind: Kind): Limited => ({
    aloneMs: quantile(
      measured[kind].map(({ aloneMs }) => aloneMs),
      0.5,
    ),
    few: quantile(
      measured[kind].map(({ few }) => few),
      0.5,
    ),
    many: quantile(
      measured[kind].map(({ many }) => many),
      0.5,
    ),
  });
  return { none: median('none'), three: median('three'), hot: median('hot'), unanswered };
}

async function activate(scene: GatewayScene, data: CanonicalValue, revision: string): Promise<void> {
  const { files } = await buildFiles({ data, revision });
  await writeBundle(files, join(scene.directory, 'bundle'));
  for (let tries = 0; tries < 20; tries++) {
    const { calls } = await measureLoad(scene.target, IN_FLIGHT, 0.5);
    const last = calls.at(-1);
    if (last !== undefined && answerIn(last.answer).bundleRevision === revision) return;
  }
  throw new Error(`revision ${revision} never decided`);
}

function countUnsigned({ calls }: Load): number {
  return calls.filter(({ answer }) => answerIn(answer).outcome.case !== 'signed').length;
}

function answerIn(answer: Buffer) {
  return fromBinary(SignTransactionResponseSchema, answer);
}

/** The same data with these limits of SOL over time, wherever there are limits of a transaction. */
function withWindows(value: CanonicalValue, windows: CanonicalValue | null): CanonicalValue {
  if (typeof value !== 'object' || value === null || isJsonList(value)) return value;
  const entries = Object.entries<CanonicalValue>(Object(value)).map(([key, item]) => [key, withWindows(item, windows)]);
  const kept = entries.filter(([key]) => key !== 'per_window');
  const isLimited = 'per_transaction' in value && windows !== null;
  return Object.fromEntries(isLimited ? [...kept, ['per_window', { SOL: windows }]] : kept);
}

if (import.meta.main) console.log(await measureLimitedLoad(4));
