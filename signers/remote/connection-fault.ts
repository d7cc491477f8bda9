// Owns the reason why there is no connection to a remote signer, in terms of the configuration: found by trying one by hand.
import { connect as connectInClear, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ChannelOptions } from './channel.ts';
import { hostAndPort, tlsOptions } from './tls-credentials.ts';
import { readSecureContext, TlsFileError } from './tls-files.ts';

export interface ConnectionFault {
  /** Key of the signer's entry that is to be looked at; `null`: the signer is at fault. */
  readonly field: string | null;
  readonly reason: string;
}

const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT']);
const NOT_TRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_SIGNATURE_FAILURE',
]);
/** Alerts by which a server turns our own certificate down (RFC 8446, 6.2). */
const TURNED_DOWN =
  /^ERR_SSL_(TLSV1|TLSV13|SSLV3)_ALERT_(BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_\w+|UNKNOWN_CA|ACCESS_DENIED|NO_CERTIFICATE)$/;

/** Tries once. `null`: it is there now, and speaks. */
export async function connectionFault(options: ChannelOptions, signal: AbortSignal): Promise<ConnectionFault | null> {
  try {
    const socket = await openSocket(options);
    try {
      return await firstWord(socket, options.target, signal);
    } finally {
      socket.destroy();
    }
  } catch (error) {
    if (error instanceof TlsFileError) return { field: error.field, reason: error.message };
    return faultOf(error, options.target);
  }
}

async function openSocket({ target, tls }: ChannelOptions): Promise<Socket> {
  const to = hostAndPort(target);
  if (tls === null) return connectInClear(to);
  const identity = { target, serverName: tls.serverName };
  return connectTls({ ...tlsOptions(identity, await readSecureContext(tls)), ...to });
}

/** An HTTP/2 server speaks first; one that turns our certificate down says so only after the handshake. */
function firstWord(socket: Socket, target: string, signal: AbortSignal): Promise<ConnectionFault | null> {
  return new Promise((resolve) => {
    const onAbort = (): void => resolve({ field: 'target', reason: `${target} did not answer in time` });
    socket.once('data', () => resolve(null));
    let mayBeTurnedDown = false;
    socket.once('secureConnect', () => {
      mayBeTurnedDown = true;
    });
    socket.on('error', (error) => resolve(faultOf(error, target)));
    socket.once('close', () => resolve(wordless(target, mayBeTurnedDown)));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** Some servers, those of Node among them, turn a certificate down by hanging up after the handshake. */
function wordless(target: string, mayBeTurnedDown: boolean): ConnectionFault {
  const reason = `${target} closed the connection without a word`;
  return mayBeTurnedDown
    ? { field: 'client_cert_file', reason: `${reason} after the TLS handshake: it may not accept our certificate` }
    : { field: null, reason };
}

function faultOf(error: unknown, target: string): ConnectionFault {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  if (NEVER_CONNECTED.has(code)) return { field: 'target', reason: `no connection to ${target} (${code})` };
  if (NOT_TRUSTED.has(code)) {
    return {
      field: 'ca_file',
      reason: `no authority in ca_file vouches for the certificate of ${target} (${code})`,
    };
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return { field: 'server_name', reason: `the certificate of ${target} is for another name (${code})` };
  }
  if (TURNED_DOWN.test(code)) {
    return { field: 'client_cert_file', reason: `${target} does not accept our certificate (${code})` };
  }
  return { field: null, reason: `the connection to ${target} failed (${code})` };
}
