// Owns what an `Idempotency-Key` does (developers.fireblocks.com, "API idempotency": POST only, 40 characters at most, the first answer again for a
// day; changelog, "Change in Idempotency-Key header from Error 500 to 400": no key is taken again after an internal error). Undocumented, and
// the fake's own: that refusals are kept too, the codes, and what a key comes to that is used for something else.
import type { HttpCall, HttpReply } from '../spoiled-http.ts';
import { badBody, FireblocksFailure, replyTo } from './faults.ts';

export interface IdempotencyKeys {
  /** The answer to the first call with this key, or this one. */
  readonly answered: (call: HttpCall, answer: () => HttpReply) => HttpReply;
  /** The call ended in an internal error. */
  readonly spoil: (call: HttpCall) => void;
}

interface Kept {
  readonly asked: string;
  /** `null`: there was an internal error. */
  readonly reply: HttpReply | null;
}

export function createIdempotencyKeys(): IdempotencyKeys {
  const kept = new Map<string, Kept>();
  const askedIn = ({ path, body }: HttpCall) => `${path} ${body.toString('utf8')}`;
  return {
    answered: (call, answer) => {
      const key = call.headers['idempotency-key'];
      if (key === undefined) return answer();
      if (call.method !== 'POST' || key === '' || key.length > 40) return replyTo(badBody('Idempotency-Key'));
      const first = kept.get(key);
      if (first?.reply === null) return replyTo(new FireblocksFailure(400, 1402, AFTER_ERROR));
      if (first !== undefined) return first.asked === askedIn(call) ? first.reply : replyTo(badBody('Idempotency-Key'));
      const reply = answer();
      kept.set(key, { asked: askedIn(call), reply });
      return reply;
    },
    spoil: (call) => {
      const key = call.headers['idempotency-key'];
      if (key !== undefined) kept.set(key, { asked: askedIn(call), reply: null });
    },
  };
}

const AFTER_ERROR = "This operation doesn't support the usage of the same idempotency key after an internal error";
