// Owns the translation of faults to gRPC, in the richer error model: google.rpc.Status in `grpc-status-details-bin`.
import { create, type DescMessage, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { anyPack, durationFromMs } from '@bufbuild/protobuf/wkt';
import { Metadata, status } from '@grpc/grpc-js';
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
  StatusSchema,
} from '../../proto/gen/google/rpc/status_pb.ts';
import { ERROR_SPECS, ErrorCode, GatewayError } from '../core/errors.ts';

const ERROR_DOMAIN = 'countersign';
export const DETAILS_TRAILER = 'grpc-status-details-bin';

/** The shape that grpc-js sends as status and trailers. */
export interface CallStatus {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;
}

// All trailers together have to stay below the 8 KiB that gRPC clients accept; the message stands in them three times, once in
// percent encoding and twice in base64.
const MAX_MESSAGE_BYTES = 768;
const MAX_METADATA_BYTES = 192;
const MAX_METADATA_ENTRIES = 8;
const RETRY_OVERLOAD_MS = 1_000;

/** What a caller is told of a fault. */
export function statusOf(error: GatewayError): CallStatus {
  const spec = ERROR_SPECS[error.reason];
  const code = status[spec.status];
  const message = printable(error.message, MAX_MESSAGE_BYTES);
  const details = [
    pack(
      ErrorInfoSchema,
      create(ErrorInfoSchema, {
        reason: error.reason,
        domain: ERROR_DOMAIN,
        metadata: { ...shownMetadata(error), retry: spec.retry, error_code: String(ErrorCode[error.reason]) },
      }),
    ),
  ];
  const field = error.metadata.field;
  if (field !== undefined) {
    const violation = { field: printable(field, MAX_METADATA_BYTES), description: message };
    details.push(pack(BadRequestSchema, create(BadRequestSchema, { fieldViolations: [violation] })));
  }
  const retryAfterMs = error.retryAfterMs ?? (error.reason === 'OVERLOADED' ? RETRY_OVERLOAD_MS : null);
  if (retryAfterMs !== null) {
    const retryDelay = durationFromMs(retryAfterMs);
    details.push(pack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay })));
  }
  const metadata = new Metadata();
  const bytes = toBinary(StatusSchema, create(StatusSchema, { code, message, details }));
  metadata.set(DETAILS_TRAILER, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return { code, details: message, metadata };
}

/** What a caller is told of anything that is not a GatewayError: nothing but a name under which the log has it. */
export function internalError(correlationId: string, cause: unknown): GatewayError {
  return new GatewayError('INTERNAL', `internal error; the gateway's log has it under ${correlationId}`, {
    metadata: { correlation_id: correlationId },
    cause,
  });
}

function pack<S extends DescMessage>(schema: S, message: MessageShape<S>) {
  return anyPack(schema, message);
}

function shownMetadata(error: GatewayError): Record<string, string> {
  const entries = Object.entries(error.metadata).slice(0, MAX_METADATA_ENTRIES);
  return Object.fromEntries(entries.map(([key, value]) => [key, printable(value, MAX_METADATA_BYTES)]));
}

// A lone surrogate in a status message makes grpc-js throw while it answers.
function printable(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text.replace(/\p{Cc}/gu, ' '));
  if (bytes.length <= maxBytes) return bytes.toString();
  return `${bytes.toString('utf8', 0, maxBytes - 3).replace(/\uFFFD+$/, '')}…`;
}
