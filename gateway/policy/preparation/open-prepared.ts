// Owns the step from a prepared bundle to a revision that can decide, in turns so short that no request notices.
import { describedPrograms } from '../../core/transaction/idl/described-programs.ts';
import { boundedEvaluation } from '../evaluation/bounded-evaluation.ts';
import { reasonOf } from '../evaluation/opa-module.ts';
import type { PolicyLog } from '../evaluation/open-generation.ts';
import type { PolicyGeneration } from '../policy-engine.ts';
import { openSupply } from './instance-supply.ts';
import type { PreparedBundle } from './preparation.ts';
import { joinPrograms } from './program-pieces.ts';
import { BundleRefused } from './refusal.ts';
import { nextTurn } from './turns.ts';

/** Throws BundleRefused. */
export async function openPrepared(prepared: PreparedBundle, log: PolicyLog): Promise<PolicyGeneration> {
  const { revision, module, image, sample, timeZones, assets, agentGroups } = prepared;
  try {
    const supply = await openSupply(module.compiled, image);
    const describedNow = describedPrograms(await joinPrograms(prepared.programs, nextTurn));
    const instance = supply.take();
    // What was copied must be what was tested.
    if (instance?.evaluate(sample.input) !== sample.result) throw new Error('a copy of it does not decide as it did');
    supply.giveBack(instance);
    const evaluation = boundedEvaluation(supply, (error) => {
      log('policy evaluation failed and was denied', { revision, error: reasonOf(error) });
    });
    return { bundleRevision: revision, describedPrograms: describedNow, timeZones, assets, agentGroups, ...evaluation };
  } catch (error) {
    throw new BundleRefused('MODULE_INVALID', `policy revision ${revision}: ${reasonOf(error)}`, { cause: error });
  }
}
