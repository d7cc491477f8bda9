// Owns what passes between a gateway and the thread in which a shadow judges.
import type { Verdict } from '../../core/decision/decision.ts';
import type { ShadowFindings } from './shadow-tally.ts';

export interface ShadowWork {
  readonly archive: Uint8Array;
  /** For messages. */
  readonly label: string;
}

/** To the thread: what the active revision judged. */
export interface ShadowBatch {
  readonly judged: readonly {
    readonly input: Uint8Array;
    readonly verdict: Verdict;
    /** Unix milliseconds. */
    readonly time: number;
  }[];
}

/** From the thread. */
export type ShadowAnswer =
  | { readonly kind: 'ready' }
  /** A batch is done. */
  | { readonly kind: 'counted'; readonly judged: number; readonly findings: ShadowFindings };
