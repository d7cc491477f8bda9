// Owns what the ids of requests say of time (RFC 9562, UUIDv7: the first 48 bits are unix milliseconds).

/** Whose clock made an id may differ by minutes from the database's. */
const CLOCK_SLACK_MS = 10 * 60_000;

/** An id before that of every request since then. */
export function idBefore(time: number): string {
  const hex = Math.max(0, time - CLOCK_SLACK_MS)
    .toString(16)
    .padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}

/** The same in SQL, of a bigint: for a time that only the record knows. */
export function sqlIdBefore(time: string): string {
  const hex = `lpad(to_hex(greatest(0, ${time} - ${CLOCK_SLACK_MS})), 12, '0')`;
  return `left(${hex}, 8) || '-' || right(${hex}, 4)`;
}
