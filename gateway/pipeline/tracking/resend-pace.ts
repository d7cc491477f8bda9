// Owns how often this process sends the same bytes again: the looks at a transaction come more often than that.

const RESEND_MS = 2_000;

/** Says yes to each request at once, and then once in two seconds. Keeps only the requests of the last two seconds. */
export function createResendPace(now: () => number): (requestId: string) => boolean {
  // The oldest first: an entry is never renewed.
  const sentAt = new Map<string, number>();
  return (requestId) => {
    const time = now();
    for (const [id, sent] of sentAt) {
      if (time - sent < RESEND_MS) break;
      sentAt.delete(id);
    }
    if (sentAt.has(requestId)) return false;
    sentAt.set(requestId, time);
    return true;
  };
}
