// Owns the loop that takes one bundle after the other from the source, and goes on whatever the source does.
import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf } from '../evaluation/opa-module.ts';
import { BundleRefused, mayPassLater, type RefusalCode } from '../preparation/refusal.ts';
import { type BundleSource, type FetchedBundle, type LastBundle, WrongContent } from '../sources/bundle-source.ts';
import { backoffMs } from './backoff.ts';

export interface Follower {
  /** After the first bundle was taken or refused, or the source failed. */
  readonly firstRound: Promise<void>;
  /** Why the source's newest bundle was not taken; `null`: it was. */
  problem(): string | null;
  /** Looks once more at a bundle that was refused for its age, now that something else decides. */
  chosenAnew(): void;
  /** Looks at whatever the source has, also where that does not descend from what it had. */
  startOver(): void;
  close(): Promise<void>;
}

export interface FollowOptions {
  readonly source: BundleSource;
  /** Takes it, or throws what the refusal says. */
  readonly admit: (fetched: FetchedBundle) => Promise<void>;
  /** Commit of the last good bundle, from which the next must descend; `null`: none. */
  readonly lastCommit: () => Promise<string | null>;
  /** Tells the failure: of the source itself where nothing came. `content`: what the source knows that by which came. */
  readonly refused: (error: unknown, content: string | null) => BundleRefused;
  readonly changed: () => void;
}

/** A source that brings one bad bundle after the other is asked more and more seldom from here on. */
const PATIENCE = 3;

export function followSource({ source, admit, lastCommit, refused, changed }: FollowOptions): Follower {
  const closing = new AbortController();
  const firstRound = Promise.withResolvers<void>();
  let looking = new AbortController();
  let token = '';
  /** Known to be wrong: the next is of interest at once, and this one again after a while. */
  let wrong: { readonly token: string; readonly again: NodeJS.Timeout } | null = null;
  let goodCommit: string | null = null;
  let anyHistory = false;
  let failures = 0;
  let problem: string | null = null;
  let code: RefusalCode | null = null;

  function settle(refusal: BundleRefused | null): void {
    const before = problem;
    problem = refusal?.message ?? null;
    code = refusal?.code ?? null;
    failures = refusal === null ? 0 : failures + 1;
    firstRound.resolve();
    if (problem !== before) changed();
  }

  async function last(): Promise<LastBundle | null> {
    const gitCommit = anyHistory ? null : ((await lastCommit()) ?? goodCommit);
    const known = wrong?.token ?? token;
    return known === '' && gitCommit === null ? null : { token: known, gitCommit };
  }

  function lookAgain(why: string): void {
    token = '';
    forgive();
    looking.abort(new Error(why));
  }

  function forgive(): void {
    clearTimeout(wrong?.again);
    wrong = null;
  }

  /** What hindered it may have been this machine: whatever there is then is looked at anew, what decides included. */
  function foundWrong(found: string): void {
    forgive();
    const again = setTimeout(
      () => lookAgain('what was wrong is looked at once more'),
      backoffMs(failures + PATIENCE, Math.random()),
    );
    wrong = { token: found, again: again.unref() };
  }

  async function round(signal: AbortSignal): Promise<void> {
    let fetched: FetchedBundle | null = null;
    try {
      fetched = await source.next(await last(), signal).catch((error: unknown) => {
        throw new BundleRefused(error instanceof WrongContent ? 'CONTENT_REFUSED' : 'SOURCE_FAILED', reasonOf(error), {
          cause: error,
        });
      });
      forgive();
      await admit(fetched);
      token = fetched.token;
      goodCommit = fetched.gitCommit;
      anyHistory = false;
      settle(null);
    } catch (error) {
      if (signal.aborted) return;
      const came = wrongContent(error);
      const refusal = refused(error, fetched?.token ?? came);
      settle(refusal);
      if (came !== null) return foundWrong(came);
      const later = fetched === null || mayPassLater(refusal.code);
      // What was refused does not become right by asking again: only another bundle is of interest.
      if (fetched !== null && !later) token = fetched.token;
      if (later || failures > PATIENCE) await pause(backoffMs(failures, Math.random()), signal);
    }
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      looking = new AbortController();
      await round(AbortSignal.any([closing.signal, looking.signal]));
    }
  }

  const running = run();
  return {
    firstRound: firstRound.promise,
    problem: () => problem,
    chosenAnew() {
      if (code !== 'OLDER_THAN_ACTIVE' && code !== 'REPLACED_BEFORE') return;
      lookAgain('another revision was chosen');
    },
    startOver() {
      anyHistory = true;
      lookAgain('an operator lets the source choose');
    },
    async close() {
      closing.abort(new Error('the gateway stops'));
      forgive();
      await running;
      await source.close();
    },
  };
}

/** What the source knows it by. */
function wrongContent(error: unknown): string | null {
  const cause = error instanceof BundleRefused ? error.cause : null;
  return cause instanceof WrongContent ? cause.token : null;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal, ref: false }).catch(() => {});
}
