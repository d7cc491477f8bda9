// Owns the `remote` signer: a client of SignerService, behind which anybody may put an HSM or an enclave.
import { status } from '@grpc/grpc-js';
import { cleanText } from '../../net/endpoint.ts';
import { SignerService } from '../../proto/gen/countersign/signer/v1/signer_pb.ts';
import { base58FromBytes, KEY_BYTES, SIGNATURE_BYTES } from '../ed25519-key.ts';
import { remoteSigner } from '../remote-signer.ts';
import type { SignContext, Signer, SignerCheck, SignResult } from '../signer.ts';
import { type CallFailure, callOnce } from './call.ts';
import { type ChannelOptions, openSignerChannel, type SignerChannel } from './channel.ts';
import { connectionFault } from './connection-fault.ts';
import { TlsFileError } from './tls-files.ts';

export interface RemoteSignerOptions extends ChannelOptions {
  /** Name from the configuration. */
  readonly name: string;
  /** Base58 address that the key must have. */
  readonly address: string;
  /** What the signer calls the key. */
  readonly key: string;
}

/** Does not connect yet: the first call or check does. */
export function openRemoteSigner(options: RemoteSignerOptions): Signer {
  const channel = openSignerChannel(options);
  const closing = new AbortController();
  return remoteSigner({
    name: options.name,
    backend: 'remote',
    address: options.address,
    sign: (messageBytes, context) => sign(channel, options, Uint8Array.from(messageBytes), context, closing.signal),
    check: (signal) => check(channel, options, AbortSignal.any([signal, closing.signal])),
    close: () => {
      closing.abort();
      channel.close();
    },
  });
}

async function sign(
  channel: SignerChannel,
  { target, key }: RemoteSignerOptions,
  message: Uint8Array,
  context: SignContext,
  closing: AbortSignal,
): Promise<SignResult> {
  const { deadline, idempotencyKey, signal } = context;
  const request = { key, message, idempotencyKey, subject: subjectOf(context) };
  try {
    const lease = await channel.connected(AbortSignal.any([signal, closing]));
    if (lease === null)
      return unsent(signal.aborted ? 'the call was aborted before it was sent' : `no connection to ${target}`);
    try {
      const outcome = await callOnce(lease.client, SignerService.method.sign, request, {
        deadline,
        signals: [signal, closing],
      });
      return outcome.kind === 'failed' ? failed(outcome, target) : signed(outcome.response.signature, target);
    } finally {
      lease.release();
    }
  } catch (error) {
    if (error instanceof TlsFileError) return unsent(error.message);
    throw error;
  }
}

function subjectOf(context: SignContext) {
  return context.kind === 'message'
    ? { case: 'offchainMessage' as const, value: {} }
    : { case: 'wireTransaction' as const, value: Uint8Array.from(context.wireTransaction) };
}

function signed(signature: Uint8Array, target: string): SignResult {
  if (signature.length === SIGNATURE_BYTES) return { kind: 'signed', signature };
  const reason = `${target} answered ${signature.length} bytes, not a signature of ${SIGNATURE_BYTES}`;
  return { kind: 'unavailable', reason, ambiguous: true };
}

function unsent(reason: string): Extract<SignResult, { readonly kind: 'unavailable' }> {
  return { kind: 'unavailable', reason, ambiguous: false };
}

/** See signer.proto. What the signer did not say itself may be the loss of a signature. */
function failed(failure: CallFailure, target: string): SignResult {
  const { code, isAnswer, retryAfterMs } = failure;
  const reason = said(failure, target);
  if (!isAnswer) return { kind: 'unavailable', reason, ambiguous: true };
  switch (code) {
    case status.PERMISSION_DENIED:
    case status.FAILED_PRECONDITION:
    case status.INVALID_ARGUMENT:
    case status.NOT_FOUND:
      return { kind: 'refused', reason };
    case status.RESOURCE_EXHAUSTED:
    case status.UNAUTHENTICATED:
      return {
        ...unsent(reason),
        ...(code === status.RESOURCE_EXHAUSTED ? { cause: 'throttled' } : {}),
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      };
    default:
      // Also UNAVAILABLE and DEADLINE_EXCEEDED: proxies say them for an answer that they lost.
      return { kind: 'unavailable', reason, ambiguous: true };
  }
}

function said({ code, details, isAnswer }: CallFailure, target: string): string {
  const who = isAnswer ? `${target} answered` : `the call of ${target} broke off:`;
  return `${who} ${status[code] ?? code}: ${cleanText(details, [])}`;
}

/** For longer, whoever checks should have given up. */
const CHECK_MS = 60_000;

async function check(channel: SignerChannel, options: RemoteSignerOptions, signal: AbortSignal): Promise<SignerCheck> {
  const { target, key } = options;
  try {
    const lease = await channel.connected(signal);
    if (lease === null) {
      const fault = await connectionFault(options, signal);
      return {
        kind: 'failed',
        ...(fault ?? { field: null, reason: `no connection to ${target}, which is there now` }),
      };
    }
    try {
      const bounds = { deadline: Date.now() + CHECK_MS, signals: [signal] };
      const outcome = await callOnce(lease.client, SignerService.method.getKey, { key }, bounds);
      if (outcome.kind === 'failed') return checkFailed(outcome, target);
      return checkKey(outcome.response.publicKey, outcome.response.detail, options);
    } finally {
      lease.release();
    }
  } catch (error) {
    if (error instanceof TlsFileError) return { kind: 'failed', field: error.field, reason: error.message };
    throw error;
  }
}

function checkFailed(failure: CallFailure, target: string): SignerCheck {
  const fields: Partial<Record<status, string>> = {
    [status.NOT_FOUND]: 'key',
    [status.INVALID_ARGUMENT]: 'key',
    [status.UNAUTHENTICATED]: 'client_cert_file',
    [status.PERMISSION_DENIED]: 'client_cert_file',
    [status.UNIMPLEMENTED]: 'target',
  };
  const field = failure.isAnswer ? (fields[failure.code] ?? null) : null;
  return { kind: 'failed', field, reason: said(failure, target) };
}

function checkKey(publicKey: Uint8Array, detail: string, { address, key, target }: RemoteSignerOptions): SignerCheck {
  if (publicKey.length !== KEY_BYTES) {
    const reason = `${target} answered ${publicKey.length} bytes, not a public key of ${KEY_BYTES}`;
    return { kind: 'failed', field: null, reason };
  }
  const held = base58FromBytes(publicKey);
  if (held !== address) return { kind: 'failed', field: 'address', reason: `the key ${key} of ${target} is ${held}` };
  const described = cleanText(detail, []);
  return { kind: 'ready', detail: described === '' ? `${target} holds the key` : described };
}
