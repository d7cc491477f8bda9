// Owns watching what the gateway's own fee payers hold, so that somebody is told before they run dry.
import type { SponsorFacts } from '../../core/status/findings.ts';
import type { PipelineDeps } from '../pipeline-deps.ts';
import { readSponsors } from '../sponsor-balances.ts';

const EVERY_MS = 30_000;
const ANSWER_MS = 10_000;

export interface SponsorWatch {
  /** As they were last read. Empty: not yet, or there are none. */
  latest(): readonly SponsorFacts[];
  stop(): Promise<void>;
}

/** Reads at once, and then now and then; asks nothing where there are none. */
export function startSponsorWatch(deps: Pick<PipelineDeps, 'chain' | 'routes'>): SponsorWatch {
  const stopping = new AbortController();
  let latest: readonly SponsorFacts[] = [];
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    latest = await readSponsors(deps, AbortSignal.any([stopping.signal, AbortSignal.timeout(ANSWER_MS)]));
    if (stopping.signal.aborted || latest.length === 0) return;
    timer = setTimeout(() => {
      looking = look();
    }, EVERY_MS).unref();
  };
  let looking = look();
  return {
    latest: () => latest,
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      await looking;
    },
  };
}
