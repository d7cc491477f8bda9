// Owns what a bundle becomes before it can serve, in the form in which one thread hands it to another.
import type { BundleKey } from '../bundle/bundle-key.ts';
import type { CompiledModule, PolicyImage } from '../evaluation/opa-module.ts';
import type { AgentGroup, NamedAsset } from '../policy-engine.ts';
import type { FetchedContent } from '../sources/bundle-source.ts';
import type { StepSeconds } from './activation-steps.ts';
import type { RefusalCode } from './refusal.ts';

export interface Verification {
  /** Whose signature counts. */
  readonly keys: readonly BundleKey[];
  /** Bundles that nobody signed are taken. */
  readonly allowUnsigned: boolean;
}

export interface PreparationRequest {
  /** Where the bundle came from, for messages. */
  readonly label: string;
  readonly content: FetchedContent;
  /** `null`: the gateway built it itself. */
  readonly verification: Verification | null;
}

/** What was compiled of a module, by the hash of its policy.wasm: the same bytes need no compiling, and are warm. */
export interface KnownModule {
  readonly wasmSha256: string;
  readonly compiled: CompiledModule;
}

/** Of the last bundle: what a thread is made warm with before it is given the next. Not its data, which may be large. */
export interface Rehearsal {
  readonly wasm: Uint8Array<ArrayBuffer>;
  readonly dataSchema: Uint8Array<ArrayBuffer>;
}

/** All that was checked and made away from the thread that serves. */
export interface PreparedBundle {
  readonly revision: string;
  /** Unix milliseconds; `null`: the manifest does not say. */
  readonly builtAt: number | null;
  readonly gitCommit: string | null;
  /** Id of the key; `null`: no signature was asked for and none was checked. */
  readonly signedBy: string | null;
  readonly archive: Uint8Array<ArrayBuffer>;
  readonly archiveDigest: Uint8Array<ArrayBuffer>;
  readonly contentDigest: Uint8Array<ArrayBuffer>;
  readonly module: KnownModule;
  readonly image: PolicyImage;
  readonly timeZones: readonly string[];
  /** By mint. */
  readonly assets: ReadonlyMap<string, NamedAsset>;
  readonly agentGroups: readonly AgentGroup[] | null;
  /** Descriptions of programs, in pieces that are quick to read. */
  readonly programs: readonly Uint8Array<ArrayBuffer>[];
  /** What an ordinary transfer gave: an instance made of the image must give the same. */
  readonly sample: { readonly input: Uint8Array<ArrayBuffer>; readonly result: string | null };
  readonly rehearsal: Rehearsal;
  /** That each of these steps took. */
  readonly seconds: StepSeconds;
}

/** To the thread that prepares. */
export interface PreparationMessage {
  readonly request: PreparationRequest;
  readonly knownModules: readonly KnownModule[];
}

export type PreparationResult =
  | { readonly kind: 'prepared'; readonly bundle: PreparedBundle }
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly message: string };
