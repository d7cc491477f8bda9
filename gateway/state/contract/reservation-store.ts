// Owns the contract of what is still reserved of budgets.

export interface OpenReservations {
  readonly count: number;
  /** Milliseconds since the oldest of their requests came in; 0: there is none. */
  readonly oldestAgeMs: number;
}

export interface ReservationStore {
  /**
   * Settles or gives back what is still reserved for requests that are decided: those that were moved by something that did not settle,
   * and, as used, those of which nobody can tell what became of them. Returns how many requests that were. Any number of gateways may do
   * it at once. Looks at some after the others, and begins no more of them once it is aborted.
   */
  reconcile(signal?: AbortSignal): Promise<number>;
  open(): Promise<OpenReservations>;
}
