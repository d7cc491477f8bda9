// Owns the bounds that every listener sets to what one caller can cost.

export interface EdgeLimits {
  /** Bytes of one request message, after decompression. */
  readonly maxRequestBytes: number;
  /** HTTP/2 streams that one connection may have open. */
  readonly maxStreamsPerConnection: number;
  /** Calls that the listener works on at once, over all connections; the next ones are answered OVERLOADED. */
  readonly maxCallsInFlight: number;
  /** Server streams that one principal may have open. */
  readonly maxStreamsPerPrincipal: number;
  /** Milliseconds after which a unary call is answered DEADLINE_EXCEEDED when its client set no earlier deadline. */
  readonly unaryDeadlineMs: number;
  /** Milliseconds of silence after which a connection is probed. */
  readonly keepaliveMs: number;
  /** Milliseconds after which clients are asked to connect anew, so that a new certificate and new roots take hold. */
  readonly maxConnectionAgeMs: number;
}

export const DEFAULT_LIMITS: EdgeLimits = {
  maxRequestBytes: 128 * 1024,
  maxStreamsPerConnection: 256,
  maxCallsInFlight: 2048,
  maxStreamsPerPrincipal: 64,
  unaryDeadlineMs: 30_000,
  keepaliveMs: 60_000,
  maxConnectionAgeMs: 3_600_000,
};
