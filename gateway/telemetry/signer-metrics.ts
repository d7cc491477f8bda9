// Owns the metrics of each signer: whether it is ready, and what its guard holds back.
import { Gauge, type Registry } from 'prom-client';

export interface SignerReport {
  /** Name from the configuration. */
  readonly name: string;
  readonly backend: string;
  /** By its last check; `null`: there was none yet. */
  readonly isReady: boolean | null;
  /** Unix milliseconds. */
  readonly checkedAt: number | null;
  /** `null`: it is not guarded. */
  readonly guard: {
    readonly breaker: 'closed' | 'half_open' | 'open';
    readonly inFlight: number;
    readonly waiting: number;
    readonly restMs: number;
  } | null;
}

const BREAKER = { closed: 0, half_open: 1, open: 2 } as const;

/** `reports` is asked at each scrape. */
export function exposeSigners(
  named: (name: string, help: string) => { name: string; help: string; registers: Registry[] },
  reports: () => readonly SignerReport[],
): void {
  const gauge = (name: string, help: string, read: (report: SignerReport) => number | null): void => {
    new Gauge({
      ...named(name, help),
      labelNames: ['signer', 'backend'],
      collect() {
        this.reset();
        for (const report of reports()) {
          const value = read(report);
          if (value !== null) this.set({ signer: report.name, backend: report.backend }, value);
        }
      },
    });
  };
  gauge('signer_ready', '1: the last check of the signer found its key; 0: it did not.', ({ isReady }) =>
    isReady === null ? null : Number(isReady),
  );
  gauge('signer_last_check_timestamp_seconds', 'When the signer was last checked.', ({ checkedAt }) =>
    checkedAt === null ? null : checkedAt / 1000,
  );
  gauge(
    'signer_breaker_state',
    '0: closed; 1: half open, one call may try; 2: open, the signer is left alone.',
    ({ guard }) => (guard === null ? null : BREAKER[guard.breaker]),
  );
  gauge('signer_calls_in_flight', 'Calls that the signer works on now.', ({ guard }) => guard?.inFlight ?? null);
  gauge('signer_calls_waiting', 'Calls that wait until the signer has room.', ({ guard }) => guard?.waiting ?? null);
  gauge(
    'signer_rest_seconds',
    'How long the service of the signer, which had too much to do, is left alone yet; 0: it may be asked.',
    ({ guard }) => (guard === null ? null : guard.restMs / 1000),
  );
}
