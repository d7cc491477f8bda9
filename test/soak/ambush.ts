// Owns that gateways die while somebody votes there: one waits until a vote is on its way to it, and is killed then.
import type { Member } from './fleet.ts';

export interface Ambush {
  /** Kills the gateway with the next vote, or when patience is over; returns when it serves again. */
  lay(member: Member, patience: Promise<void>): Promise<void>;
  /** Where the next vote is to be cast, and what to call once it is on its way; `null`: anywhere. */
  take(): { readonly member: Member; readonly spring: () => void } | null;
}

export function createAmbush(): Ambush {
  const waiting: { readonly member: Member; readonly spring: () => void }[] = [];
  return {
    lay: async (member, patience) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const laid = { member, spring: resolve };
      waiting.push(laid);
      await Promise.race([promise, patience]);
      const at = waiting.indexOf(laid);
      if (at >= 0) waiting.splice(at, 1);
      await member.killAndRestart();
    },
    take: () => waiting.shift() ?? null,
  };
}
