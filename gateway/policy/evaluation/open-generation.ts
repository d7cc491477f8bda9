// Owns one revision of the policy: a bundle, proven to deny before it serves, and a verdict for every input whatever happens inside.
import { gatewayDenial, type Verdict } from '../../core/decision/decision.ts';
import { parseVerdict } from '../../core/decision/parse-verdict.ts';
import { describePrograms } from '../bundle/idl-files.ts';
import { readBundleDirectory } from '../bundle/read-directory.ts';
import type { PolicyEngine, PolicyGeneration } from '../policy-engine.ts';
import { compilePolicy, type PolicyInstance, type PolicyModule, reasonOf } from './opa-module.ts';
import { timeZonesIn } from './time-zones.ts';
import { warmUpInput } from './warm-up-input.ts';

/** A transaction of the largest size, written out, is below half of it. */
const LARGEST_INPUT_BYTES = 1024 * 1024;
const WARM_UP_EVALUATIONS = 2_000;
const LONGEST_WARM_UP_MS = 2_000;

export type PolicyLog = (message: string, facts: Readonly<Record<string, string>>) => void;

export interface GenerationOptions {
  /** A bundle in OPA's directory format, as scripts/build-policies.ts writes it. */
  readonly bundleDirectory: string;
  /** Told of evaluations that failed; they are denied either way. */
  readonly log?: PolicyLog;
}

/**
 * Reads, compiles, tests and warms the bundle. Throws an Error that says which file is wrong and how, or that the bundle does
 * not deny what it must.
 */
export async function openGeneration(options: GenerationOptions): Promise<PolicyGeneration> {
  const bundle = await readBundleDirectory(options.bundleDirectory);
  const describedPrograms = describePrograms(bundle.label, bundle.idls);
  const module = await compilePolicy(bundle);
  const log = options.log ?? (() => {});
  const ordinary = warmUpInput(bundle.data);
  selfTest(module, bundle.label, ordinary());
  const evaluate = evaluator(module, (error) => {
    log('policy evaluation failed and was denied', { revision: bundle.revision, error: reasonOf(error) });
  });
  warmUp(() => evaluate(ordinary()));
  return {
    bundleRevision: bundle.revision,
    describedPrograms,
    timeZones: timeZonesIn(bundle.data),
    evaluate,
    explain: () => null,
  };
}

/** An engine that serves one revision for ever. */
export function engineOf(generation: PolicyGeneration): PolicyEngine {
  return { current: () => generation };
}

function warmUp(evaluate: () => Verdict): void {
  const started = performance.now();
  for (let i = 0; i < WARM_UP_EVALUATIONS && performance.now() - started < LONGEST_WARM_UP_MS; i++) evaluate();
}

/** No policy may allow an input without facts, none at all included; and none may fail on an ordinary transfer. */
function selfTest(module: PolicyModule, directory: string, ordinary: Uint8Array): void {
  try {
    module.instantiate().evaluate(ordinary);
  } catch (error) {
    throw new Error(`policy bundle ${directory}: the policy fails on an ordinary transfer: ${reasonOf(error)}`);
  }
  for (const text of ['', '{}', '{"v":1}', 'null', '[]']) {
    const result = module.instantiate().evaluate(new TextEncoder().encode(text));
    const verdict = result === null ? null : parseVerdict(result);
    if (verdict?.kind !== 'deny' || verdict.reasons.some(({ code }) => code === 'POLICY_RESULT_MALFORMED')) {
      const found =
        verdict === null ? 'no text' : JSON.stringify(verdict.kind === 'deny' ? verdict.reasons : verdict.kind);
      throw new Error(
        `policy bundle ${directory}: the input ${JSON.stringify(text)} must be denied by a well-formed decision document, but gave ${found}`,
      );
    }
  }
}

function evaluator(module: PolicyModule, failed: (error: unknown) => void): (input: Uint8Array) => Verdict {
  // An instance that has thrown is corrupt: it is dropped, and the next evaluation gets a new one.
  let instance: PolicyInstance | null = null;
  return (input) => {
    if (input.length > LARGEST_INPUT_BYTES) return tooLarge(input.length);
    const current = instance;
    instance = null;
    try {
      const fresh = current ?? module.instantiate();
      const result = fresh.evaluate(input);
      instance = fresh;
      return result === null ? noResult() : parseVerdict(result);
    } catch (error) {
      failed(error);
      return gatewayDenial(
        'POLICY_EVALUATION_FAILED',
        'the policy failed on this input; nothing is allowed by a failure',
      );
    }
  };
}

function tooLarge(size: number): Verdict {
  return gatewayDenial(
    'POLICY_INPUT_TOO_LARGE',
    `the policy input has ${size} bytes; at most ${LARGEST_INPUT_BYTES} are evaluated`,
    { size: String(size), limit: String(LARGEST_INPUT_BYTES) },
  );
}

function noResult(): Verdict {
  return gatewayDenial(
    'POLICY_RESULT_MALFORMED',
    'the policy gave no result, or more than one; exactly one text counts',
  );
}
