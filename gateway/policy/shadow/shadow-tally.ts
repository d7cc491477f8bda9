// Owns the sums of a shadow: how many decisions would have been another, how much was at stake, and samples of them.
import type { Verdict } from '../../core/decision/decision.ts';
import { differenceOf } from '../../core/decision/difference.ts';
import { isJsonObject, type JsonValue, parseJson } from '../../core/decision/json-value.ts';
import { exposureOf } from '../../core/policy-input/exposure.ts';
import type { ShadowSample, ShadowTally } from '../../state/contract/policy-store.ts';

/** Samples of each kind in one flush: what is kept is bounded again by the store. */
const MOST_SAMPLES = 20;
/** Samples that wait for the record. */
const MOST_MERGED = 200;

export interface ShadowFindings {
  readonly tallies: readonly ShadowTally[];
  readonly samples: readonly ShadowSample[];
}

export interface ShadowCounter {
  /** `time`: Unix milliseconds. Never throws. */
  count(input: Uint8Array, active: Verdict, shadow: Verdict, time: number): void;
  /** What was counted since the last call. */
  take(): ShadowFindings;
}

/** What the engine denies because the policy could not decide. */
const FAILURES = new Set([
  'POLICY_EVALUATION_FAILED',
  'POLICY_RESULT_MALFORMED',
  'POLICY_INPUT_TOO_LARGE',
  'POLICY_STEPS_EXHAUSTED',
]);

export function createShadowCounter(): ShadowCounter {
  let tallies = new Map<ShadowTally['kind'], { decisions: bigint; readonly exposure: Map<string, bigint> }>();
  let samples: ShadowSample[] = [];

  function add(kind: ShadowTally['kind'], exposure: Readonly<Record<string, bigint>>): void {
    const tally = tallies.get(kind) ?? { decisions: 0n, exposure: new Map<string, bigint>() };
    tallies.set(kind, tally);
    tally.decisions += 1n;
    for (const [asset, amount] of Object.entries(exposure)) {
      tally.exposure.set(asset, (tally.exposure.get(asset) ?? 0n) + amount);
    }
  }

  return {
    count(input, active, shadow, time) {
      add('judged', {});
      if (hasFailed(shadow)) return add('failed', {});
      const difference = differenceOf(active, shadow);
      if (difference === null) return;
      add(difference, exposureOf(input));
      if (samples.filter((sample) => sample.difference === difference).length >= MOST_SAMPLES) return;
      samples.push({ ...namesIn(input), difference, active, shadow, time });
    },
    take() {
      const found: ShadowFindings = {
        tallies: [...tallies].map(([kind, { decisions, exposure }]) => ({
          kind,
          decisions,
          exposure: Object.fromEntries(exposure),
        })),
        samples,
      };
      tallies = new Map();
      samples = [];
      return found;
    },
  };
}

function hasFailed(verdict: Verdict): boolean {
  return verdict.kind === 'deny' && verdict.reasons.some(({ rule, code }) => rule === 'gateway' && FAILURES.has(code));
}

function namesIn(input: Uint8Array): Pick<ShadowSample, 'requestId' | 'agentId' | 'walletId'> {
  const document = parseJson(new TextDecoder().decode(input));
  return {
    requestId: idOf(document, 'request'),
    agentId: idOf(document, 'agent'),
    walletId: idOf(document, 'wallet'),
  };
}

function idOf(document: JsonValue, part: string): string {
  const found = isJsonObject(document) ? document[part] : undefined;
  const id = found !== undefined && isJsonObject(found) ? found.id : undefined;
  return typeof id === 'string' ? id : '';
}

/** Sums and samples of both, the newer samples last. */
export function mergeFindings(older: ShadowFindings, newer: ShadowFindings): ShadowFindings {
  const sums = new Map<ShadowTally['kind'], ShadowTally>();
  for (const tally of [...older.tallies, ...newer.tallies]) {
    const sum = sums.get(tally.kind);
    sums.set(tally.kind, sum === undefined ? tally : added(sum, tally));
  }
  const samples = [...older.samples, ...newer.samples].slice(-MOST_MERGED);
  return { tallies: [...sums.values()], samples };
}

function added(a: ShadowTally, b: ShadowTally): ShadowTally {
  const assets = new Set([...Object.keys(a.exposure), ...Object.keys(b.exposure)]);
  const exposure = [...assets].map((asset) => [asset, (a.exposure[asset] ?? 0n) + (b.exposure[asset] ?? 0n)]);
  return { kind: a.kind, decisions: a.decisions + b.decisions, exposure: Object.fromEntries(exposure) };
}
