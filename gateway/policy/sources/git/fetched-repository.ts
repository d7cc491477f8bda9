// Owns the folder of a Git source: the repository that is fetched into, made anew from time to time, and what builds of its commits.
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitSourceConfig } from '../source-config.ts';
import { type Builder, createBuilder } from './build-sources.ts';
import { type GitBounds, type GitClient, makeRepository, openClient } from './git-client.ts';

export interface FetchedRepository {
  /** Makes what is not there yet. Where commits are built, what builds stands by. */
  open(signal: AbortSignal): Promise<{ readonly git: GitClient; readonly builder: Builder }>;
  /** It is fetched into once more. */
  fetched(): void;
  /** What was interrupted may have left locks and halves behind: the next `open` makes it anew. */
  spoilt(): void;
  close(): Promise<void>;
}

/** Packs pile up in what is fetched into: after so many it is begun anew. */
const MOST_FETCHES = 100;

/** In a folder of its own in `workDirectory`. `codeCache`: of createBuilder. */
export function createFetchedRepository(
  source: GitSourceConfig,
  workDirectory: string,
  bounds: GitBounds,
  codeCache?: string,
): FetchedRepository {
  let made: { readonly work: string; readonly builder: Builder } | null = null;
  let fetches = 0;

  async function place() {
    if (made !== null) return made;
    const work = await mkdtemp(join(await realpath(workDirectory), 'countersign-git-'));
    made = { work, builder: createBuilder(work, codeCache) };
    return made;
  }

  return {
    async open(signal) {
      const { work, builder } = await place();
      if (source.holds === 'sources') builder.standBy();
      const here = { source, work, bounds };
      if (fetches > 0 && fetches < MOST_FETCHES) return { git: openClient(here, signal), builder };
      const git = await makeRepository(here, signal);
      fetches = 1;
      return { git, builder };
    },
    fetched() {
      fetches += 1;
    },
    spoilt() {
      fetches = 0;
    },
    async close() {
      await made?.builder.close();
      if (made !== null) await rm(made.work, { recursive: true, force: true });
    },
  };
}
