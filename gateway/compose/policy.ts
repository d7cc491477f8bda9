// Owns how the policy of this gateway is put together of its configuration: where bundles come from, and whose they must be.
import { hostname } from 'node:os';
import { pid } from 'node:process';
import type { Config, PolicyConfig } from '../config/config.ts';
import { type ActivePolicyHandle, openActivePolicy } from '../policy/activation/open-active-policy.ts';
import { createPreparer } from '../policy/preparation/preparer.ts';
import { openSource } from '../policy/sources/open-source.ts';
import type { PolicySourceConfig } from '../policy/sources/source-config.ts';
import type { State } from '../state/contract/state.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';

const LONGEST_CHECK_MS = 60_000;

/** Resolves when a policy decides; throws why none can. */
export function openPolicy(
  { policy, controls }: Config,
  state: State,
  log: Log,
  metrics: Metrics,
): Promise<ActivePolicyHandle> {
  return openActivePolicy({
    source: openSource(policy.source),
    verification: policy.signatures,
    buildsHere: buildsHere(policy.source),
    store: state.policy,
    audit: state.audit,
    chooseAs: state.asPolicyOperator,
    newcomers: { waitMs: controls.newAdminWaitMs, principals: state.principals, databaseTime: state.time },
    replica: `${hostname()}/${pid}`,
    log: (message, facts) => log.warn({ part: 'policy', ...facts }, message),
    observer: {
      activated(revision, seconds) {
        metrics.policyActivated(revision, seconds);
        log.info({ part: 'policy', bundle_revision: revision, seconds }, 'a policy revision decides');
      },
      stepped(step, seconds) {
        metrics.policyStepped(step, seconds);
        log.debug({ part: 'policy', step, seconds }, 'a step of an activation ended');
      },
      refused: metrics.policyRefused,
      shadowed: metrics.policyShadowed,
    },
  });
}

/** A bundle that this gateway makes out of commits whose signature it checked has none of its own. */
function buildsHere(source: PolicySourceConfig): boolean {
  return source.kind === 'git' && source.holds === 'sources' && source.allowedSignersFile !== null;
}

/**
 * Reads, verifies and tests what a start would find in a directory; what others serve is not asked for. Resolves with what was looked
 * at, in words; throws what is wrong with it.
 */
export async function checkPolicy({ source, signatures }: PolicyConfig): Promise<string> {
  const bundles = openSource(source);
  if (source.kind !== 'directory') return `policy from ${bundles.label}, which was not asked`;
  const preparer = createPreparer();
  // A source by itself keeps no process alive.
  const asking = new AbortController();
  const deadline = setTimeout(
    () => asking.abort(new Error(`${bundles.label} gave no bundle in time`)),
    LONGEST_CHECK_MS,
  );
  try {
    const { content } = await bundles.next(null, asking.signal);
    const { revision } = await preparer.prepare({ label: source.path, content, verification: signatures });
    return `policy bundle ${revision}`;
  } finally {
    clearTimeout(deadline);
    await Promise.all([bundles.close(), preparer.close()]);
  }
}
