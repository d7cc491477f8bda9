// Owns a pause between two questions to a service, which ends with the call.
import { setTimeout as sleep } from 'node:timers/promises';

/** `false`: the signal said stop. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(milliseconds, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
