// Owns the connection to a Countersign gateway: protobuf-es messages over grpc-js, the API key on every call.
import { readFileSync } from 'node:fs';
import {
  create,
  type DescMessage,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { type Denial, type PendingApproval, SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { ErrorInfoSchema, StatusSchema } from '../../proto/gen/google/rpc/status_pb.ts';

const DEADLINE_MS = 60_000;

export type Gateway = ReturnType<typeof connect>;

/** A client of the gateway that the environment names; throws where the environment names none. */
export function connect() {
  const { COUNTERSIGN_DATA_ADDRESS = '127.0.0.1:50051', COUNTERSIGN_CA_FILE: caFile } = process.env;
  const client = new Client(COUNTERSIGN_DATA_ADDRESS, channelCredentials(COUNTERSIGN_DATA_ADDRESS, caFile));
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${apiKey()}`);
  const { listWallets, signAndSendTransaction, signMessage } = SigningService.method;
  return {
    listWallets: unary(client, metadata, listWallets),
    signAndSendTransaction: unary(client, metadata, signAndSendTransaction),
    signMessage: unary(client, metadata, signMessage),
    [Symbol.dispose]: () => client.close(),
  };
}

/** The exit code of a denial; the remedy says what would have been allowed. */
export function printDenial({ reasons }: Denial): number {
  console.log('denied:');
  for (const { code, message, remedy } of reasons) {
    console.log(`  ${code}: ${[message, remedy].filter((part) => part !== '').join('; ')}`);
  }
  return 3;
}

/** The exit code where people are asked first. */
export function printPendingApproval({ requirement, approvalId }: PendingApproval): number {
  console.log(`waits for ${requirement?.quorum} approval(s): ${approvalId}`);
  return 4;
}

/** A fault, unlike a denial, is a gRPC status; its ErrorInfo has a stable reason and says whether to call again. */
export function explain(error: unknown): string {
  if (!isServiceError(error)) return error instanceof Error ? error.message : String(error);
  const name = `${status[error.code]}`;
  const [details] = error.metadata.get('grpc-status-details-bin');
  const info = details instanceof Buffer ? errorInfo(details) : undefined;
  if (info === undefined) return `${name}: ${error.details}`;
  return `${name} ${info.reason} (retry: ${info.metadata.retry}): ${error.details}`;
}

/** In the clear only to this machine: the API key must not cross a network unprotected. */
function channelCredentials(address: string, caFile: string | undefined) {
  if (caFile === undefined && /^(127(\.\d+){3}|localhost|\[::1]):/.test(address)) return credentials.createInsecure();
  return credentials.createSsl(caFile === undefined ? null : readFileSync(caFile));
}

function errorInfo(details: Uint8Array) {
  for (const detail of fromBinary(StatusSchema, details).details) {
    const info = anyUnpack(detail, ErrorInfoSchema);
    if (info !== undefined) return info;
  }
  return undefined;
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'metadata' in error && error.metadata instanceof Metadata;
}

function apiKey(): string {
  const { COUNTERSIGN_API_KEY_FILE: file, COUNTERSIGN_API_KEY: key } = process.env;
  if (file) return readFileSync(file, 'utf8').trim();
  if (key) return key;
  throw new Error('set COUNTERSIGN_API_KEY or COUNTERSIGN_API_KEY_FILE');
}

function unary<I extends DescMessage, O extends DescMessage>(
  client: Client,
  metadata: Metadata,
  method: DescMethodUnary<I, O>,
) {
  const path = `/${method.parent.typeName}/${method.name}`;
  const serialize = (message: MessageShape<I>) => Buffer.from(toBinary(method.input, message));
  const deserialize = (bytes: Buffer) => fromBinary(method.output, bytes);
  return (request: MessageInitShape<I>): Promise<MessageShape<O>> =>
    new Promise((resolve, reject) => {
      const options = { deadline: Date.now() + DEADLINE_MS };
      const message = create(method.input, request);
      client.makeUnaryRequest(path, serialize, deserialize, message, metadata, options, (error, answer) => {
        if (error !== null) reject(error);
        else if (answer === undefined) reject(new Error(`${method.name} was answered with nothing`));
        else resolve(answer);
      });
    });
}
