// Owns what Privy's API says when something is wrong: `{error, code}` (docs.privy.io, API error codes). The codes are Privy's; where its
// documents give no status for one, it is the fake's own choice.
import type { HttpReply } from '../spoiled-http.ts';

/** Thrown by what answers a request; the fake turns it into the reply. */
export class PrivyFailure extends Error {
  readonly httpStatus: number;
  readonly code: string;

  constructor(httpStatus: number, code: string, message: string) {
    super(message);
    this.httpStatus = httpStatus;
    this.code = code;
  }
}

export function jsonReply(status: number, body: object, headers: Readonly<Record<string, string>> = {}): HttpReply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}
