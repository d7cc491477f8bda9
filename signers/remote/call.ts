// Owns one call of a remote signer, and how its failure is told: by the signer's own word, or by losing sight of it.
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { anyUnpack, durationMs } from '@bufbuild/protobuf/wkt';
import { type Client, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { RetryInfoSchema, StatusSchema } from '../../proto/gen/google/rpc/status_pb.ts';

export interface Method<I extends DescMessage, O extends DescMessage> {
  readonly name: string;
  readonly parent: { readonly typeName: string };
  readonly input: I;
  readonly output: O;
}

export type CallOutcome<T> = { readonly kind: 'answered'; readonly response: T } | CallFailure;

export interface CallFailure {
  readonly kind: 'failed';
  readonly code: status;
  /** As the other end said it. */
  readonly details: string;
  /**
   * Whether the signer said so, instead of an answer: it did not sign. Otherwise the call broke off somewhere, and grpc-js chose the
   * code. Servers send nothing ahead of a failure, so that its status comes with the headers of the answer, and the type among them.
   */
  readonly isAnswer: boolean;
  readonly retryAfterMs?: number;
}

export interface CallBounds {
  /** Unix milliseconds. */
  readonly deadline: number;
  /** Those of which the first that is aborted cancels the call. */
  readonly signals: readonly AbortSignal[];
}

/** Never rejects. */
export function callOnce<I extends DescMessage, O extends DescMessage>(
  client: Client,
  method: Method<I, O>,
  request: MessageInitShape<I>,
  { deadline, signals }: CallBounds,
): Promise<CallOutcome<MessageShape<O>>> {
  return new Promise((resolve) => {
    const call = client.makeUnaryRequest(
      `/${method.parent.typeName}/${method.name}`,
      (bytes: Uint8Array) => Buffer.from(bytes),
      (bytes: Buffer) => fromBinary(method.output, bytes),
      toBinary(method.input, create(method.input, request)),
      new Metadata(),
      { deadline },
      (error, response) => {
        for (const signal of signals) signal.removeEventListener('abort', cancel);
        if (error !== null) resolve(failureOf(error));
        else if (response === undefined) resolve(failure(status.INTERNAL, 'it answered nothing'));
        else resolve({ kind: 'answered', response });
      },
    );
    const cancel = (): void => call.cancel();
    for (const signal of signals) {
      if (signal.aborted) cancel();
      else signal.addEventListener('abort', cancel, { once: true });
    }
  });
}

function failure(code: status, details: string): CallFailure {
  return { kind: 'failed', code, details, isAnswer: false };
}

function failureOf({ code, details, metadata }: ServiceError): CallFailure {
  const [type] = metadata.get('content-type');
  const isAnswer = typeof type === 'string' && type.startsWith('application/grpc');
  if (!isAnswer) return failure(code, details);
  const retryAfterMs = retryDelayIn(metadata);
  return { kind: 'failed', code, details, isAnswer, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

function retryDelayIn(metadata: Metadata): number | undefined {
  const bytes = metadata.get('grpc-status-details-bin')[0];
  if (!(bytes instanceof Uint8Array)) return undefined;
  try {
    for (const detail of fromBinary(StatusSchema, bytes).details) {
      const delay = anyUnpack(detail, RetryInfoSchema)?.retryDelay;
      if (delay !== undefined) return Math.max(0, durationMs(delay));
    }
  } catch {
    // Details that cannot be read say nothing; the status still does.
  }
  return undefined;
}
