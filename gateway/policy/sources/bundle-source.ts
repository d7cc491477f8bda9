// Owns the contract of a source of bundles: a directory, a Git repository or a bundle server, which brings one bundle after the other.
import type { BundleFiles } from '../bundle/bundle.ts';

export type SourceOrigin = 'directory' | 'git' | 'http';

export interface FetchedBundle {
  /** What the source knows it by: a commit, an ETag, a digest. The same content may come under several. */
  readonly token: string;
  readonly files: BundleFiles;
  /** Commit that it was built from; `null`: not known. */
  readonly gitCommit: string | null;
  /**
   * Whether the gateway compiled it itself out of a commit whose signature was checked, where that is asked for: then no signature of
   * the bundle is needed.
   */
  readonly builtHere: boolean;
}

/** What was fetched and is active: the next must not be older. */
export interface LastBundle {
  readonly token: string;
  readonly gitCommit: string | null;
}

export interface BundleSource {
  readonly origin: SourceOrigin;
  /** For people and metrics, for example `git https://example.com/policies.git main`; holds no secrets. */
  readonly label: string;
  /**
   * Resolves as soon as there is a bundle other than `last`; waits for it, by watching, long polling or asking again. Rejects with an
   * Error that says what is wrong (the caller asks again later, with back-off), and with the signal's reason. `null`: whatever there is.
   */
  next(last: LastBundle | null, signal: AbortSignal): Promise<FetchedBundle>;
  close(): Promise<void>;
}
