// Owns why a bundle is not let decide: a code for metrics and records, and a sentence for people.

export const REFUSAL_CODES = [
  /** The source brought nothing: it is away, slow, or without what is asked for. */
  'SOURCE_FAILED',
  /** Something came of which no bundle is made: a commit that nobody signed, of another history, or that does not compile. */
  'CONTENT_REFUSED',
  /** Not a whole bundle, or one for another gateway. */
  'BUNDLE_MALFORMED',
  'SIGNATURE_INVALID',
  'IDL_INVALID',
  'DATA_INVALID',
  /** The module cannot be run here. */
  'MODULE_INVALID',
  /** It does not deny what has no facts, or fails on an ordinary transfer. */
  'SELF_TEST_FAILED',
  /** A fixture's decision is not what its author expects. */
  'FIXTURE_FAILED',
  /** It was not ready in time, or took more memory than it may. */
  'TOO_EXPENSIVE',
  /** It was built before what decides. */
  'OLDER_THAN_ACTIVE',
  /** It decided before, and was replaced. */
  'REPLACED_BEFORE',
  /** An operator who is new as one chose it, and it would take the policy back. */
  'OPERATOR_TOO_NEW',
  /** Its manifest says a time that has not come. */
  'BUILT_IN_THE_FUTURE',
  /** Its revision is that of another content. */
  'REVISION_REUSED',
  /** It could not be kept or recorded. */
  'RECORD_FAILED',
] as const;

export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** Its message is for the people who own the bundle. */
export class BundleRefused extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.name = 'BundleRefused';
    this.code = code;
  }
}

/** Whether the same bundle may be taken another time: it is not the bundle's content that was wrong. */
export function mayPassLater(code: RefusalCode): boolean {
  return code === 'SOURCE_FAILED' || code === 'RECORD_FAILED' || code === 'BUILT_IN_THE_FUTURE';
}
