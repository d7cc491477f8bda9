// Owns what a list of requests is asked for: by who asked, for which wallet, in which state, since when.
import type { RequestState } from '../../core/request/request-state.ts';

/** `null`: any. */
export interface RequestFilter {
  readonly agentId: string | null;
  readonly walletId: string | null;
  /** Empty: any. */
  readonly states: readonly RequestState[];
  /** Unix milliseconds; asked then or later. */
  readonly since: number | null;
  /** Id of the key that it was asked with. */
  readonly credential: string | null;
}

export interface RequestPage {
  readonly filter: RequestFilter;
  readonly limit: number;
  /** The last request id of the page before. */
  readonly after: string | null;
}
