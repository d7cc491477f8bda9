// Owns how a command that follows a stream goes on when the gateway was away.
import { setTimeout as sleep } from 'node:timers/promises';
import { explain } from './exit.ts';
import { GatewayFault } from './gateway-fault.ts';
import type { Terminal } from './terminal.ts';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 8_000;

/** Until the person wants to stop. `follow` tells that something came; `where` says from where it goes on. Throws what is no outage. */
export async function resuming(
  terminal: Terminal,
  follow: (came: () => void) => Promise<void>,
  where: () => string,
): Promise<void> {
  let pause = FIRST_PAUSE_MS;
  while (!terminal.signal.aborted) {
    try {
      await follow(() => {
        pause = FIRST_PAUSE_MS;
      });
    } catch (error) {
      if (terminal.signal.aborted) break;
      if (!(error instanceof GatewayFault) || error.status !== 'UNAVAILABLE') throw error;
      terminal.warn(`countersign: ${explain(error, 'its address').message}; resuming ${where()}`);
      await sleep(pause, undefined, { signal: terminal.signal }).catch(() => undefined);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }
}
