// Owns the instances of one revision: one that serves and one that is ready, so that a policy that throws costs the next request nothing.
import type { InstanceSupply } from '../evaluation/bounded-evaluation.ts';
import { adopt, type CompiledModule, type PolicyImage, type PolicyInstance } from '../evaluation/opa-module.ts';
import { nextTurn } from './turns.ts';

const READY = 2;
/** Copying so much, into memory that was never touched, takes about a millisecond. */
const PIECE_BYTES = 512 * 1024;
/** An instance of this size is made at once where none is ready; a larger one would hold the thread. */
const LARGEST_AT_ONCE = 2 * 1024 * 1024;

/** Resolves when instances are ready. Throws what the module throws. */
export async function openSupply(compiled: CompiledModule, image: PolicyImage): Promise<InstanceSupply> {
  const ready: PolicyInstance[] = [];
  let filling = false;

  async function fill(): Promise<void> {
    while (ready.length < READY) {
      const adoption = adopt(compiled, image);
      let instance: PolicyInstance | null = null;
      while (instance === null) {
        await nextTurn();
        instance = adoption.step(PIECE_BYTES);
      }
      ready.push(instance);
    }
  }

  function refill(): void {
    if (filling) return;
    filling = true;
    // What fails here fails again, and is told, when an instance is taken.
    void fill()
      .catch(() => {})
      .finally(() => {
        filling = false;
      });
  }

  await fill();
  return {
    take() {
      const instance = ready.pop();
      if (ready.length < READY - 1) refill();
      if (instance !== undefined) return instance;
      return image.memory.length <= LARGEST_AT_ONCE ? adopt(compiled, image).step(LARGEST_AT_ONCE) : null;
    },
    giveBack(instance) {
      ready.push(instance);
    },
  };
}
