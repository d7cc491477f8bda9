// Owns the contract of a source of bundles: a directory, a Git repository or a bundle server, which brings one bundle after the other.
import type { BundleFiles } from '../bundle/bundle.ts';

export type SourceOrigin = 'directory' | 'git' | 'http';

/** Nobody has looked into it. What is packed stays so: unpacking holds the thread. */
export type FetchedContent =
  | { readonly kind: 'files'; readonly files: BundleFiles }
  /** Gzipped tar. */
  | { readonly kind: 'archive'; readonly archive: Uint8Array<ArrayBuffer> };

export interface FetchedBundle {
  /** What the source knows it by: a commit, an ETag, a digest. The same content may come under several. */
  readonly token: string;
  readonly content: FetchedContent;
  /** Commit of the Git repository that it was taken from, or built from; `null`: the source is none. */
  readonly gitCommit: string | null;
  /** Whether the gateway compiled it itself out of a commit whose signature it checked: then the bundle needs no signature. */
  readonly builtHere: boolean;
  /** From the first sign that there is something new until this was here. */
  readonly seconds: number;
}

/** What was fetched last, and the commit of the last that was good: the next must descend from that. */
export interface LastBundle {
  /** Empty, after a start: whatever there is comes, if it descends from the commit. */
  readonly token: string;
  readonly gitCommit: string | null;
}

/** There is something new, and it is wrong: what it is known by, so that the refusal is recorded and nobody waits to look at the next. */
export class WrongContent extends Error {
  readonly token: string;

  constructor(token: string, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.name = 'WrongContent';
    this.token = token;
  }
}

export interface BundleSource {
  readonly origin: SourceOrigin;
  /** For people and metrics, for example `git https://example.com/policies.git main`; holds no secrets. */
  readonly label: string;
  /**
   * Resolves as soon as there is a bundle other than `last`; waits for it, by watching, long polling or asking again. Rejects with an
   * Error that says what is wrong (the caller asks again later, with back-off; a WrongContent where something came), and with the signal's
   * reason. `null`: whatever there is. One call at a time.
   */
  next(last: LastBundle | null, signal: AbortSignal): Promise<FetchedBundle>;
  /** Ends what is under way. */
  close(): Promise<void>;
}
