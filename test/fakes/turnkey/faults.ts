// Owns what Turnkey's API says when something is wrong: a google.rpc.Status, with Turnkey's own code twice (tkhq/docs,
// api-reference/overview/errors.mdx: the table of codes, and that of gRPC codes, HTTP codes and messages; tkhq/sdk, public_api.swagger.json:
// rpcStatus).
import type { HttpReply } from '../spoiled-http.ts';

export interface TurnkeyStatus {
  readonly code: number;
  readonly message: string;
  readonly details: readonly object[];
  readonly turnkeyErrorCode: string;
}

/** Thrown by what answers a request; the fake turns it into the reply. */
export class TurnkeyFailure extends Error {
  readonly httpStatus: number;
  readonly status: TurnkeyStatus;

  constructor(httpStatus: number, turnkeyErrorCode: string, message: string) {
    super(message);
    this.httpStatus = httpStatus;
    this.status = statusOf(GRPC_CODES.get(httpStatus) ?? 2, turnkeyErrorCode, message);
  }
}

const GRPC_CODES: ReadonlyMap<number, number> = new Map([
  [400, 3],
  [401, 16],
  [403, 7],
  [404, 5],
  [429, 8],
  [500, 13],
]);

/** `turnkeyErrorCode` empty: "Not all errors currently include a turnkeyErrorCode". */
export function statusOf(code: number, turnkeyErrorCode: string, message: string): TurnkeyStatus {
  const details =
    turnkeyErrorCode === '' ? [] : [{ '@type': 'type.googleapis.com/errors.v1.TurnkeyErrorDetail', turnkeyErrorCode }];
  return { code, message, details, turnkeyErrorCode };
}

export function jsonReply(status: number, body: object, headers: Readonly<Record<string, string>> = {}): HttpReply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

export const BAD_BODY = (): TurnkeyFailure => new TurnkeyFailure(400, 'REQUEST_INVALID', 'bad request body');
