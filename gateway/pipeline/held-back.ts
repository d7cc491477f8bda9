// Owns what keeps a transaction that is signed from being sent: a freeze of what it touches, or a gateway that only reads.
import { type Freeze, type FreezeSubject, freezeText, frozenBy } from '../core/controls/freeze.ts';
import type { Judgement, RequestAsk } from '../state/contract/request-store.ts';
import type { State } from '../state/contract/state.ts';

/** What a request was judged by, as it is recorded. */
export interface RecordedJudgement {
  readonly ask: Pick<RequestAsk, 'agentId' | 'walletId'>;
  readonly judgement: Pick<Judgement, 'policyInput'>;
}

export interface HeldBack {
  readonly kind: 'held';
  readonly cause: 'frozen' | 'read_only';
  /** For people. */
  readonly reason: string;
}

export interface HeldBackDeps {
  readonly state: { readonly controls: Pick<State['controls'], 'recent'> };
  readonly readOnly: boolean;
}

/** `null`: nothing. Throws STORE_UNAVAILABLE where nobody can tell what is frozen. */
export async function heldBack(
  { state, readOnly }: HeldBackDeps,
  request: RecordedJudgement,
): Promise<HeldBack | null> {
  if (readOnly) return { kind: 'held', cause: 'read_only', reason: 'the gateway only reads' };
  const { freezes } = await state.controls.recent();
  const freeze = frozenRecord(freezes, request);
  return freeze === null ? null : { kind: 'held', cause: 'frozen', reason: freezeText(freeze) };
}

/** The first freeze that stops what was recorded. Every address that was judged counts, whatever its part was. */
export function frozenRecord(freezes: readonly Freeze[], request: RecordedJudgement): Freeze | null {
  return frozenBy(freezes, () => recordedSubject(request));
}

function recordedSubject({ ask, judgement }: RecordedJudgement): FreezeSubject {
  const { context: _said, ...judged } = JSON.parse(new TextDecoder().decode(judgement.policyInput));
  const named = new Set(textsIn(judged));
  return { agentId: ask.agentId, walletId: ask.walletId, programs: named, mints: named, recipients: named };
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
