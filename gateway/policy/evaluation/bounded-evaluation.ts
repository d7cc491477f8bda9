// Owns a verdict for every input, whatever happens inside the policy: what fails is a denial, and what failed is not used again.
import { gatewayDenial, type Verdict } from '../../core/decision/decision.ts';
import { EVALUATION_STEPS, type PolicyInstance, StepsExhausted } from './opa-module.ts';
import { verdictReader } from './verdict-reader.ts';

/** A transaction of the largest size, written out, is below half of it. */
const LARGEST_INPUT_BYTES = 1024 * 1024;

/** Where instances come from. One that is not given back has thrown and is corrupt. */
export interface InstanceSupply {
  /** `null`: none is ready now. May throw. */
  take(): PolicyInstance | null;
  giveBack(instance: PolicyInstance): void;
}

export interface BoundedEvaluation {
  evaluate(input: Uint8Array): Verdict;
  explain(input: Uint8Array): string | null;
}

/** Never throws. `failed` is told of what an instance threw. */
export function boundedEvaluation(supply: InstanceSupply, failed: (error: unknown) => void): BoundedEvaluation {
  const verdictOf = verdictReader();
  return {
    evaluate(input) {
      if (input.length > LARGEST_INPUT_BYTES) return tooLarge(input.length);
      try {
        const instance = supply.take();
        if (instance === null) return notReady();
        const result = instance.evaluate(input);
        supply.giveBack(instance);
        return result === null ? noResult() : verdictOf(result);
      } catch (error) {
        failed(error);
        if (error instanceof StepsExhausted) return stepsExhausted();
        return gatewayDenial(
          'POLICY_EVALUATION_FAILED',
          'the policy failed on this input; nothing is allowed by a failure',
        );
      }
    },
    explain(input) {
      if (input.length > LARGEST_INPUT_BYTES) return null;
      try {
        const instance = supply.take();
        if (instance === null) return null;
        const result = instance.explain(input);
        supply.giveBack(instance);
        return result;
      } catch (error) {
        failed(error);
        return null;
      }
    },
  };
}

function tooLarge(size: number): Verdict {
  return gatewayDenial(
    'POLICY_INPUT_TOO_LARGE',
    `the policy input has ${size} bytes; at most ${LARGEST_INPUT_BYTES} are evaluated`,
    { size: String(size), limit: String(LARGEST_INPUT_BYTES) },
  );
}

function stepsExhausted(): Verdict {
  return gatewayDenial(
    'POLICY_STEPS_EXHAUSTED',
    'the policy took more steps on this input than an evaluation may; it loops, or does far more than a decision needs',
    { limit: String(EVALUATION_STEPS) },
  );
}

function notReady(): Verdict {
  return gatewayDenial(
    'POLICY_INSTANCE_NOT_READY',
    'the policy failed on earlier inputs and is being set up again; ask again in a moment',
  );
}

function noResult(): Verdict {
  return gatewayDenial(
    'POLICY_RESULT_MALFORMED',
    'the policy gave no result, or more than one; exactly one text counts',
  );
}
