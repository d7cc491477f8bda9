// Owns one revision of the policy for tools, and for threads that no request waits for: read, tested and opened in this thread, all at
// once.
import type { PolicyBundle } from '../bundle/bundle.ts';
import { describePrograms } from '../bundle/idl-files.ts';
import { readBundleDirectory } from '../bundle/read-directory.ts';
import type { PolicyGeneration } from '../policy-engine.ts';
import { agentGroupsIn } from './agent-groups.ts';
import { boundedEvaluation, type InstanceSupply } from './bounded-evaluation.ts';
import { namedAssetsIn } from './named-assets.ts';
import { compilePolicy, type PolicyInstance, type PolicyModule, reasonOf } from './opa-module.ts';
import { testDenials } from './self-test.ts';
import { timeZonesIn } from './time-zones.ts';
import { warmUpInput } from './warm-up-input.ts';

export type PolicyLog = (message: string, facts: Readonly<Record<string, string>>) => void;

export interface GenerationOptions {
  /** A bundle in OPA's directory format, as `countersign policy build` writes it. */
  readonly bundleDirectory: string;
  /** Told of evaluations that failed; they are denied either way. */
  readonly log?: PolicyLog;
}

/**
 * Reads, compiles and tests the bundle; its first evaluations are slow. Throws an Error that says which file is wrong and how, or that the
 * bundle does not deny what it must. Neither signatures nor fixtures are looked at.
 */
export async function openGeneration(options: GenerationOptions): Promise<PolicyGeneration> {
  return generationOf(await readBundleDirectory(options.bundleDirectory), options.log);
}

/** As `openGeneration`, of a bundle that was read. */
export async function generationOf(bundle: PolicyBundle, log: PolicyLog = () => {}): Promise<PolicyGeneration> {
  const describedPrograms = describePrograms(bundle.label, bundle.idls);
  const module = await compilePolicy(bundle);
  testDenials(module.instantiate, bundle.label, warmUpInput(bundle.data)());
  const { evaluate, explain } = boundedEvaluation(instancesOf(module), (error) => {
    log('policy evaluation failed and was denied', { revision: bundle.revision, error: reasonOf(error) });
  });
  return {
    bundleRevision: bundle.revision,
    describedPrograms,
    timeZones: timeZonesIn(bundle.data),
    assets: namedAssetsIn(bundle.data),
    agentGroups: agentGroupsIn(bundle.data),
    evaluate,
    explain,
  };
}

function instancesOf(module: PolicyModule): InstanceSupply {
  let held: PolicyInstance | null = null;
  return {
    take() {
      const instance = held ?? module.instantiate();
      held = null;
      return instance;
    },
    giveBack(instance) {
      held = instance;
    },
  };
}
