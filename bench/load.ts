// Owns the load of the benchmark: so many raw gRPC calls in flight, for so long, and what each took.
import { Client, credentials, Metadata } from '@grpc/grpc-js';

export interface LoadTarget {
  /** `host:port`, plaintext on loopback. */
  readonly address: string;
  /** `/package.Service/Method`. */
  readonly path: string;
  readonly apiKey: string | null;
  /** Encoded requests, made in turn. */
  readonly requests: readonly Uint8Array[];
}

export interface Load {
  readonly callsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly calls: readonly MeasuredCall[];
}

export interface MeasuredCall {
  /** Encoded. */
  readonly answer: Buffer;
  readonly milliseconds: number;
  /** By performance.now(). */
  readonly endedAt: number;
}

/** Rejects with the first call that fails. */
export async function measureLoad(target: LoadTarget, inFlight: number, seconds: number): Promise<Load> {
  const client = new Client(target.address, credentials.createInsecure());
  const metadata = new Metadata();
  if (target.apiKey !== null) metadata.set('authorization', `Bearer ${target.apiKey}`);
  const requests = target.requests.map((request) => Buffer.from(request));
  let next = 0;
  const calls: MeasuredCall[] = [];
  const started = performance.now();
  const end = started + seconds * 1000;
  const worker = async (): Promise<void> => {
    while (performance.now() < end) {
      const called = performance.now();
      const answer = await call(client, target.path, metadata, requests[next++ % requests.length] ?? Buffer.alloc(0));
      const endedAt = performance.now();
      calls.push({ answer, endedAt, milliseconds: endedAt - called });
    }
  };
  try {
    await Promise.all(Array.from({ length: inFlight }, worker));
  } finally {
    client.close();
  }
  const elapsed = (performance.now() - started) / 1000;
  const milliseconds = calls.map((measured) => measured.milliseconds);
  return {
    callsPerSecond: calls.length / elapsed,
    p50Ms: quantile(milliseconds, 0.5),
    p99Ms: quantile(milliseconds, 0.99),
    calls,
  };
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

function call(client: Client, path: string, metadata: Metadata, request: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, same, same, request, metadata, (error, answer) => {
      if (error !== null) reject(error);
      else resolve(answer ?? Buffer.alloc(0));
    });
  });
}

function same(bytes: Buffer): Buffer {
  return bytes;
}
