// Owns the reading of how long a service asks to be left alone (RFC 9110, 10.2.3).

/** Nobody waits longer than a day for the word of a remote service. */
const MAX_WAIT_MS = 24 * 60 * 60 * 1000;

/** Milliseconds from `now` (unix milliseconds) on, never negative; `undefined`: it does not say, or nothing that makes sense. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d+$/.test(text)) return within(Number(text) * 1000);
  // Date.parse takes almost anything for a date: an HTTP date begins with the day of the week.
  const at = /^[A-Z][a-z]{2,8}, /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : within(Math.max(0, at - now));
}

function within(milliseconds: number): number | undefined {
  return milliseconds <= MAX_WAIT_MS ? milliseconds : undefined;
}
