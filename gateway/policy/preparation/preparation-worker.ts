// Owns the thread in which bundles are prepared: one request after the other, and nothing of one stays for the next.
import { parentPort, workerData } from 'node:worker_threads';
import { reasonOf } from '../evaluation/opa-module.ts';
import type { PreparationMessage, PreparationResult, Rehearsal } from './preparation.ts';
import { prepareBundle, rehearse } from './prepare-bundle.ts';
import { BundleRefused } from './refusal.ts';

const port = parentPort;
if (port === null) throw new Error('preparation-worker.ts runs in a thread of the gateway');

// Only this module's counterpart starts it.
const { rehearsal }: { readonly rehearsal: Rehearsal | null } = workerData;
if (rehearsal !== null) rehearse(rehearsal);

port.on('message', (message: PreparationMessage) => void prepare(message));

async function prepare({ request, knownModules }: PreparationMessage): Promise<void> {
  try {
    const bundle = await prepareBundle(request, knownModules);
    const buffers = [bundle.archive, bundle.image.memory, ...Object.values(bundle.rehearsal), ...bundle.programs].map(
      ({ buffer }) => buffer,
    );
    answer({ kind: 'prepared', bundle }, buffers);
  } catch (error) {
    const code = error instanceof BundleRefused ? error.code : 'MODULE_INVALID';
    answer({ kind: 'refused', code, message: reasonOf(error) }, []);
  }
}

/** The buffers are handed over, not copied. */
function answer(result: PreparationResult, buffers: readonly ArrayBuffer[]): void {
  port?.postMessage(result, [...buffers]);
}
