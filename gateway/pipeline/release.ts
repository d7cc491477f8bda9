// Owns how a signature leaves: recorded under the controls that are in force, and with it when somebody looks what became of it.
import type { AuditEntry } from '../core/audit/audit-record.ts';
import { type Freeze, frozenBy } from '../core/controls/freeze.ts';
import type { AdvanceResult, RequestChange, Terms } from '../state/contract/request-store.ts';
import { type Intent, termsOf } from './intent.ts';
import type { PipelineDeps } from './pipeline-deps.ts';

/** When the tracker takes over a signed request that nobody submitted. */
const UNSUBMITTED_AFTER_MS = 5_000;
/** When the tracker looks for a signed transaction that its agent sends: most have landed or died by then. */
const SENT_BY_OTHERS_AFTER_MS = 90_000;

export type Released = AdvanceResult | { readonly kind: 'frozen'; readonly freeze: Freeze };

/** A signature that was made while operators froze something leaves only if the freeze is of something else. */
export async function advanceUnlessFrozen(
  deps: PipelineDeps,
  change: RequestChange,
  entry: AuditEntry,
  intent: Intent,
): Promise<Released> {
  let { controls } = termsOf(intent);
  for (;;) {
    const advanced = await deps.state.requests.advance({ ...change, controls }, entry);
    if (advanced.kind !== 'controls_changed') return advanced;
    const { version, freezes } = await deps.state.controls.refresh();
    const freeze = frozenBy(freezes, intent.subject);
    if (freeze !== null) return { kind: 'frozen', freeze };
    controls = version;
  }
}

/** When somebody must look at a request that is signed; `null`: never. */
export function firstLook(deps: PipelineDeps, intent: Intent): number | null {
  if (intent.request.ask.method === 'sign_and_send') return deps.now() + UNSUBMITTED_AFTER_MS;
  // Who asked sends it; what becomes of it decides what it used of its budgets.
  return landingIsCounted(termsOf(intent)) ? deps.now() + SENT_BY_OTHERS_AFTER_MS : null;
}

function landingIsCounted({ charges }: Terms): boolean {
  return charges.some(({ settlement }) => settlement !== 'signature');
}
