// Owns the names of the points at which a test kills a gateway.

export const CRASH_POINTS = [
  'before the intent is committed',
  'after the intent is committed',
  'before the signer is called',
  'before the signature is committed',
  'after the signature is committed',
  'after the submission, before it is recorded',
  'after the submission is recorded',
  'after the confirmation is recorded',
  'before an approved intent is committed',
] as const;

export type CrashPoint = (typeof CRASH_POINTS)[number];

export function isCrashPoint(text: string): text is CrashPoint {
  return CRASH_POINTS.some((point) => point === text);
}
