// Owns the form of a finding: what is wrong or worth knowing, and what to do.

export interface Finding {
  /** `problem`: somebody must act. */
  readonly severity: 'problem' | 'notice';
  /** Stable upper-snake code. */
  readonly code: string;
  /** In one sentence. */
  readonly what: string;
  readonly remedy: string;
  /** Ids of what it is about, at most `MOST_SUBJECTS`. */
  readonly subjects: readonly string[];
}

export const MOST_SUBJECTS = 5;

export function problem(code: string, what: string, remedy: string, subjects: readonly string[] = []): Finding {
  return { severity: 'problem', code, what, remedy, subjects: subjects.slice(0, MOST_SUBJECTS) };
}

export function notice(code: string, what: string, remedy: string, subjects: readonly string[] = []): Finding {
  return { ...problem(code, what, remedy, subjects), severity: 'notice' };
}

export function counted(n: number, noun: string): string {
  return n === 1 ? `1 ${noun}` : `${n} ${noun}s`;
}

export function ageText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 3_600)} h`;
}
