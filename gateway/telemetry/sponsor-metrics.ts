// Owns the metrics of the gateway's own fee payers: what each holds, and below what that needs a person.
import { Gauge, type Registry } from 'prom-client';

export interface SponsorReport {
  /** Name of the relayer from the configuration. */
  readonly name: string;
  /** `null`: not known. */
  readonly lamports: bigint | null;
  readonly alertBelow: bigint;
}

/** `reports` is asked at each scrape. */
export function exposeSponsors(
  named: (name: string, help: string) => { name: string; help: string; registers: Registry[] },
  reports: () => readonly SponsorReport[],
): void {
  const gauge = (name: string, help: string, read: (report: SponsorReport) => bigint | null): void => {
    new Gauge({
      ...named(name, help),
      labelNames: ['sponsor'],
      collect() {
        this.reset();
        for (const report of reports()) {
          const lamports = read(report);
          if (lamports !== null) this.set({ sponsor: report.name }, Number(lamports));
        }
      },
    });
  };
  gauge('sponsor_balance_lamports', 'What a fee payer of the gateway holds.', ({ lamports }) => lamports);
  gauge('sponsor_alert_below_lamports', 'alert_below of its configuration.', ({ alertBelow }) => alertBelow);
}
