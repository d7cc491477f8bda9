// Owns a source that brings what a test tells it to, when the test tells it to.
import type { BundleFiles } from '../../bundle/bundle.ts';
import type { BundleSource, FetchedBundle, LastBundle, SourceOrigin } from '../../sources/bundle-source.ts';

export interface ScriptedSource extends BundleSource {
  /** The newest bundle; replaces the one before. */
  bring(files: BundleFiles, more?: Partial<FetchedBundle>): void;
  /** The next question, or the one that waits, fails so. */
  fail(error: Error): void;
  /** What each question gave as the last bundle. */
  readonly asked: readonly (LastBundle | null)[];
  closed(): boolean;
}

export function scriptedSource(origin: SourceOrigin = 'git'): ScriptedSource {
  const asked: (LastBundle | null)[] = [];
  const failures: Error[] = [];
  const waiting = new Set<() => void>();
  let newest: FetchedBundle | null = null;
  let brought = 0;
  let isClosed = false;
  const wake = () => {
    for (const each of [...waiting]) each();
  };
  return {
    origin,
    label: `${origin} https://policies.example`,
    asked,
    closed: () => isClosed,
    bring(files, more = {}) {
      brought += 1;
      newest = {
        token: `token-${brought}`,
        content: { kind: 'files', files },
        gitCommit: null,
        builtHere: false,
        seconds: 0,
        ...more,
      };
      wake();
    },
    fail(error) {
      failures.push(error);
      wake();
    },
    next(last, signal) {
      asked.push(last);
      return new Promise((resolve, reject) => {
        const settle = (): void => {
          const failure = signal.aborted ? signal.reason : failures.shift();
          const isNew = newest !== null && newest.token !== last?.token;
          if (failure === undefined && !isNew) return;
          waiting.delete(settle);
          signal.removeEventListener('abort', settle);
          if (failure !== undefined) reject(failure);
          else if (newest !== null) resolve(newest);
        };
        waiting.add(settle);
        signal.addEventListener('abort', settle);
        settle();
      });
    },
    async close() {
      isClosed = true;
    },
  };
}
