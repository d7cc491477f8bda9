// Owns what this replica says of itself in the record: every few seconds, and at once when it changes.
import type { PolicyReplicaRecord, PolicyStore } from '../../state/contract/policy-store.ts';
import { coalesced } from './coalesce.ts';

const EVERY_MS = 5_000;
const LONGEST_PROBLEM = 1_000;

export interface ReplicaReport {
  /** Says it now. Never throws. */
  changed(): void;
  close(): Promise<void>;
}

/** `read` gives `null` while nothing decides. A record that is away is tried again at the next tick. */
export function startReplicaReport(
  store: Pick<PolicyStore, 'report'>,
  read: () => Omit<PolicyReplicaRecord, 'seenAt'> | null,
): ReplicaReport {
  let closed = false;
  const report = coalesced(async () => {
    const said = read();
    if (said === null || closed) return;
    const { problem } = said;
    await store
      .report({ ...said, problem: problem === null ? null : problem.slice(0, LONGEST_PROBLEM) })
      .catch(() => {});
  });
  const timer = setInterval(() => void report(), EVERY_MS).unref();
  return {
    changed: () => void report(),
    async close() {
      clearInterval(timer);
      closed = true;
      await report();
    },
  };
}
