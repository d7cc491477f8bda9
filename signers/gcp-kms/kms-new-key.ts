// Owns what a key of Cloud KMS that the gateway makes is like, and whether one that is there is such a key.
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { cleanText } from '../../net/endpoint.ts';

export interface NewKeyTerms {
  /** `projects/…/locations/…/keyRings/…`. */
  readonly keyRing: string;
  readonly protectionLevel: 'SOFTWARE' | 'HSM';
  /** For which a version that is destroyed can still be brought back: 1 to 120. */
  readonly destroyScheduledDays: number;
}

/** Of ids of keys, in Cloud KMS. */
const MAX_ID_CHARACTERS = 63;
const DAY_SECONDS = 86_400;
const ALGORITHM = 'EC_SIGN_ED25519';

/** The label, or where that is too long for Cloud KMS its beginning and a hash: with an underscore, which no label has. */
export function keyIdOf(label: string): string {
  if (label.length <= MAX_ID_CHARACTERS) return label;
  return `${label.slice(0, 30)}_${createHash('sha256').update(label).digest('hex').slice(0, 32)}`;
}

export function newKey({ protectionLevel, destroyScheduledDays }: NewKeyTerms) {
  return {
    purpose: 'ASYMMETRIC_SIGN',
    versionTemplate: { algorithm: ALGORITHM, protectionLevel },
    destroyScheduledDuration: `${destroyScheduledDays * DAY_SECONDS}s`,
  };
}

const version = z.object({
  name: z.string(),
  state: z.string(),
  algorithm: z.string(),
  protectionLevel: z.string(),
  importJob: z.string().default(''),
  generationFailureReason: z.string().default(''),
  destroyTime: z.string().max(40).default(''),
});
export type KeyVersion = z.output<typeof version>;

/** `null`: it is none, or another one. */
export function versionIn(body: unknown, keyVersion: string): KeyVersion | null {
  const read = version.safeParse(body);
  return read.success && read.data.name === keyVersion ? read.data : null;
}

export type FoundVersion =
  | { readonly kind: 'usable' | 'not_yet' }
  /** What it is instead. */
  | { readonly kind: 'other'; readonly what: string };

/** One that was imported may be known outside of Cloud KMS: it is not taken. */
export function versionFor({ protectionLevel }: Pick<NewKeyTerms, 'protectionLevel'>, found: KeyVersion): FoundVersion {
  const { state, algorithm, protectionLevel: level, importJob, generationFailureReason } = found;
  const other = (what: string): FoundVersion => ({ kind: 'other', what: cleanText(what, []) });
  if (importJob !== '') return other('was imported');
  if (state === 'PENDING_GENERATION') return { kind: 'not_yet' };
  if (state !== 'ENABLED') return other(`is ${state}${generationFailureReason && `: ${generationFailureReason}`}`);
  if (algorithm !== ALGORITHM || level !== protectionLevel) {
    return other(`is for ${algorithm} at ${level}, not for ${ALGORITHM} at ${protectionLevel}`);
  }
  return { kind: 'usable' };
}
