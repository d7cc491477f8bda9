// Owns what was asked in the golden cases, and when.
import { localTimes } from '../../../gateway/core/policy-input/local-time.ts';
import type { RequestFacts } from '../../../gateway/core/policy-input/request-json.ts';

export interface GoldenTime {
  /** RFC 3339. */
  readonly at: string;
  /** Those that the policy data would name. */
  readonly zones: readonly string[];
}

const USUAL: GoldenTime = { at: '2026-01-01T00:00:00Z', zones: [] };

export function goldenRequest<Method extends string>(
  method: Method,
  { at, zones }: GoldenTime = USUAL,
): RequestFacts<Method> {
  const time = Date.parse(at);
  return { id: '01890a5d-ac96-774b-bcce-b302099a8057', method, time, localTimes: localTimes(time, zones) };
}
