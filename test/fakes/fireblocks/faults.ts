// Owns what Fireblocks' API says when something is wrong: a message and a code of its own (fireblocks/fireblocks-openapi-spec, ErrorSchema;
// developers.fireblocks.com, "API responses and error codes", for codes, statuses and the words of -1, -7, -10; "Manage withdrawals at scale" for
// 1438). Undocumented, and the fake's own: the words of the other codes, and the codes of a body or a nonce that does not fit its token (here
// -7, which stands for tokens that are not accepted), of a body that is malformed (here 1402), and of 429 and 500 (here the status).
import type { HttpReply } from '../spoiled-http.ts';

/** Thrown by what answers a request; the fake turns it into the reply. */
export class FireblocksFailure extends Error {
  readonly httpStatus: number;
  readonly code: number;

  constructor(httpStatus: number, code: number, message: string) {
    super(message);
    this.httpStatus = httpStatus;
    this.code = code;
  }
}

/** No header says how long to wait: "Rate limiting" of Fireblocks' documents names none. */
export function replyTo({ httpStatus, code, message }: FireblocksFailure): HttpReply {
  return jsonReply(httpStatus, { message, code });
}

export function jsonReply(status: number, body: object): HttpReply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

export const notAccepted = (): FireblocksFailure =>
  new FireblocksFailure(401, -7, 'Unauthorized: Token was not accepted.');

export const badBody = (what: string): FireblocksFailure => new FireblocksFailure(400, 1402, `Bad request: ${what}`);
