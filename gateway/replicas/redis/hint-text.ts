// Owns how a hint is written on the wire. What is read may come from anybody who reaches Redis.
import { type Hint, TOPICS } from '../fan-out.ts';

export const MAX_HINT_REQUESTS = 256;
const MAX_HINT_CHARACTERS = 20_000;
const REQUEST_ID = /^[0-9a-zA-Z_-]{1,64}$/;
const HINT = /^1 ([0-9a-f]{16}) ([a-z,]{0,64}) ([0-9a-zA-Z_,-]*)$/;

/** At most {@link MAX_HINT_REQUESTS} requests. `origin`: 16 hexadecimal digits of who publishes. */
export function hintText(origin: string, { topics, requests }: Hint): string {
  return `1 ${origin} ${topics.join()} ${requests.filter((id) => REQUEST_ID.test(id)).join()}`;
}

/** `null`: it is none. What this version does not know is left out. */
export function parseHint(text: string): { readonly origin: string; readonly hint: Hint } | null {
  if (text.length > MAX_HINT_CHARACTERS) return null;
  const [, origin, topics = '', requests = ''] = HINT.exec(text) ?? [];
  if (origin === undefined) return null;
  const named = topics.split(',');
  const ids = requests.split(',').filter((id) => REQUEST_ID.test(id));
  if (ids.length > MAX_HINT_REQUESTS) return null;
  return { origin, hint: { topics: TOPICS.filter((topic) => named.includes(topic)), requests: ids } };
}
