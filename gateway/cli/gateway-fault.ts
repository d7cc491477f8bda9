// Owns how a client reads a fault that the gateway reports: gRPC status and google.rpc.ErrorInfo.
import { fromBinary } from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { Metadata, status } from '@grpc/grpc-js';
import { ErrorInfoSchema, StatusSchema } from '../../proto/gen/google/rpc/status_pb.ts';
import { isReading } from './reading-methods.ts';

/** A call that failed, in the gateway's own words where it gave some. */
export class GatewayFault extends Error {
  /** Name of the gRPC status. */
  readonly status: string;
  /** Stable reason code; `null` when the fault came from the connection and not from the gateway. */
  readonly reason: string | null;
  readonly retry: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** The call changes nothing, whatever became of it. */
  readonly onlyReads: boolean;

  constructor(fault: {
    readonly message: string;
    readonly status: string;
    readonly reason: string | null;
    readonly retry: string | null;
    readonly metadata: Readonly<Record<string, string>>;
    readonly onlyReads: boolean;
  }) {
    super(fault.message);
    this.name = 'GatewayFault';
    this.status = fault.status;
    this.reason = fault.reason;
    this.retry = fault.retry;
    this.metadata = fault.metadata;
    this.onlyReads = fault.onlyReads;
  }
}

/** Anything that is no gRPC error comes back as it is. `method`: that was called. */
export function gatewayFault(error: unknown, method: { readonly name: string }): unknown {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'number') return error;
  const details = 'details' in error && typeof error.details === 'string' ? error.details : error.message;
  const info = 'metadata' in error && error.metadata instanceof Metadata ? errorInfo(error.metadata) : undefined;
  return new GatewayFault({
    message: details,
    status: status[error.code] ?? 'UNKNOWN',
    reason: info?.reason ?? null,
    retry: info?.metadata.retry ?? null,
    metadata: info?.metadata ?? {},
    onlyReads: isReading(method.name),
  });
}

function errorInfo(metadata: Metadata) {
  const bytes = metadata.get('grpc-status-details-bin')[0];
  if (!(bytes instanceof Uint8Array)) return undefined;
  try {
    for (const detail of fromBinary(StatusSchema, bytes).details) {
      const info = anyUnpack(detail, ErrorInfoSchema);
      if (info !== undefined) return info;
    }
  } catch {
    // Details that cannot be read say nothing; the status still does.
  }
  return undefined;
}
