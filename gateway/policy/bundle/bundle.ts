// Owns the shapes of a policy bundle: the files that it is made of, and what is read from them.
import type { FixtureFile } from './fixture-files.ts';
import type { IdlFile } from './idl-files.ts';

/** By path in the bundle, without a leading slash. Only regular files; sizes and count are bounded by whoever made it. */
export type BundleFiles = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

export interface PolicyBundle {
  /** Where it came from, for messages; holds no secrets. */
  readonly label: string;
  readonly revision: string;
  /** Unix milliseconds; `null`: the manifest does not say. */
  readonly builtAt: number | null;
  /** Commit of the policy repository, 40 or 64 hex; `null`: the manifest does not say. */
  readonly gitCommit: string | null;
  /** Whether it was built with the entrypoint that explains. */
  readonly explains: boolean;
  /** Bytes of the WebAssembly module. */
  readonly wasm: Uint8Array<ArrayBuffer>;
  /** JSON text of the data document, UTF-8: an object. */
  readonly data: Uint8Array<ArrayBuffer>;
  /** JSON Schema of `data.countersign`, UTF-8; `null`: a bundle of plain `opa build`, which is not let decide. */
  readonly dataSchema: Uint8Array<ArrayBuffer> | null;
  /** Descriptions of programs, as files: nobody has read them yet. */
  readonly idls: readonly IdlFile[];
  /** Inputs with the decisions that the author expects. */
  readonly fixtures: readonly FixtureFile[];
}
