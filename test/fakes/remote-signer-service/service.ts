// Owns a strict fake of SignerService over mutual TLS, which can misbehave in every way.

import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createSecureServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as patience } from 'node:timers/promises';
import { type SecureContextOptions, TLSSocket } from 'node:tls';
import { create, fromBinary } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import {
  type CertificateFiles,
  makeAuthority,
  makeCertificate,
} from '../../../gateway/policy/sources/testing/certificates.ts';
import {
  GetKeyRequestSchema,
  GetKeyResponseSchema,
  SignerService,
  SignRequestSchema,
} from '../../../proto/gen/countersign/signer/v1/signer_pb.ts';
import { base58FromBytes, publicKeyBytes } from '../../../signers/ed25519-key.ts';
import type { RemoteService } from '../../conformance/remote-signer.ts';
import type { SignerMisbehaviour } from '../misbehaviour.ts';
import { answer, answerStatus, readMessage, wrongHeaders } from './grpc-wire.ts';
import { createJudge } from './judge.ts';
import { answerAs } from './misbehaved-answer.ts';

export const KEY = 'treasury';

export interface RemoteSignerService extends RemoteService {
  /** `host:port`. */
  readonly target: string;
  /** Base58. */
  readonly address: string;
  readonly folder: string;
  readonly authority: CertificateFiles;
  /** Of the gateway; the service takes no other name. */
  readonly client: CertificateFiles;
  /** Numbers of connections that were made, and names in the certificates of clients, in the order of the calls. */
  readonly connections: () => number;
  readonly clients: () => readonly string[];
  /** That connections asked for (SNI), in their order; `null`: none. */
  readonly names: () => readonly (string | null)[];
  /** From now on the service shows a certificate of this authority, and ends all connections. */
  readonly showCertificateOf: (authority: CertificateFiles, address?: string) => Promise<void>;
}

/** Whoever has not closed its own end by then is cut off. */
const LONGEST_FAREWELL_MS = 2_000;

interface Counts {
  calls: number;
  signatures: number;
  connections: number;
  readonly clients: string[];
  readonly names: (string | null)[];
}

export async function startRemoteSignerService(): Promise<RemoteSignerService> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-remote-signer-'));
  const authority = makeAuthority(folder, 'authority');
  const client = makeCertificate(folder, 'gateway', authority);
  const strangers = makeAuthority(folder, 'strangers');
  const { privateKey: key } = generateKeyPairSync('ed25519');
  const counts: Counts = { calls: 0, signatures: 0, connections: 0, clients: [], names: [] };
  let wrong: { readonly how: SignerMisbehaviour | null; readonly times: number } = { how: null, times: 0 };
  const takeWrong = (): SignerMisbehaviour | null => {
    const { how, times } = wrong;
    wrong = { how, times: times - 1 };
    return times > 0 ? how : null;
  };
  let shown = makeCertificate(folder, 'signer', authority);
  const contextTrusting = async (clients: CertificateFiles): Promise<SecureContextOptions> => ({
    cert: await readFile(shown.certFile),
    key: await readFile(shown.keyFile),
    ca: await readFile(clients.certFile),
    minVersion: 'TLSv1.3',
  });
  const server = createSecureServer({
    ...(await contextTrusting(authority)),
    requestCert: true,
    // Megabytes: so that a huge answer does not close the session to the calls after it.
    maxSessionMemory: 100,
    rejectUnauthorized: true,
  });
  const sockets = new Set<TLSSocket>();
  const connections = new Set<Socket>();
  server.on('connection', (connection: Socket) => {
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    counts.connections += 1;
    counts.names.push(socket.servername || null);
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  const serve = serving(key, counts, takeWrong);
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    void serve(stream, headers).catch((error: unknown) =>
      answerStatus(stream, status.INVALID_ARGUMENT, messageOf(error)),
    );
  });
  server.on('sessionError', () => undefined);
  /** The other end has seen it when this ends. */
  const endConnections = async (): Promise<void> => {
    const closed = [...sockets].map((socket) => once(socket, 'close'));
    for (const socket of sockets) socket.end();
    await Promise.race([Promise.all(closed), patience(LONGEST_FAREWELL_MS, undefined, { ref: false })]);
  };
  const listen = async (port: number): Promise<number> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const at = server.address();
    return typeof at === 'object' && at !== null ? at.port : port;
  };
  const stop = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    await endConnections();
    // Those that were still shaking hands, which nobody would end.
    for (const connection of connections) connection.destroy();
    await closed;
  };
  const port = await listen(0);
  return {
    target: `127.0.0.1:${port}`,
    address: base58FromBytes(publicKeyBytes(key)),
    folder,
    authority,
    client,
    secrets: [await readFile(client.keyFile, 'utf8')],
    signCalls: () => counts.calls,
    signatures: () => counts.signatures,
    connections: () => counts.connections,
    clients: () => counts.clients,
    names: () => counts.names,
    misbehave: async (how, times = 1) => {
      const before = wrong.how;
      wrong = { how, times: how === null ? 0 : times };
      if (how === 'away') await stop();
      else if (!server.listening) await listen(port);
      if (how === 'wrong_credentials') server.setSecureContext(await contextTrusting(strangers));
      else if (before === 'wrong_credentials') server.setSecureContext(await contextTrusting(authority));
      if (how === 'wrong_credentials') await endConnections();
    },
    showCertificateOf: async (by, address) => {
      shown = makeCertificate(folder, `signer-${randomBytes(4).toString('hex')}`, by, address);
      server.setSecureContext(await contextTrusting(authority));
      await endConnections();
    },
    close: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function serving(key: KeyObject, counts: Counts, takeWrong: () => SignerMisbehaviour | null) {
  const judge = createJudge(KEY);
  const signCounted = (messageBytes: Uint8Array, by: KeyObject): Uint8Array => {
    counts.signatures += 1;
    return sign(null, messageBytes, by);
  };
  return async (stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> => {
    counts.clients.push(clientOf(stream));
    const found = wrongHeaders(headers) ?? (clientOf(stream) === 'gateway' ? null : 'the client is another one');
    if (found !== null) throw new Error(found);
    const { typeName } = SignerService;
    const message = await readMessage(stream);
    if (headers[':path'] === `/${typeName}/GetKey`) {
      const { key: asked } = fromBinary(GetKeyRequestSchema, message);
      if (asked !== KEY) return answerStatus(stream, status.NOT_FOUND, `there is no key ${asked}`);
      const publicKey = publicKeyBytes(key);
      return answer(stream, GetKeyResponseSchema, create(GetKeyResponseSchema, { publicKey, detail: 'slot 0\u0007' }));
    }
    if (headers[':path'] !== `/${typeName}/Sign`) return answerStatus(stream, status.UNIMPLEMENTED, 'no such method');
    counts.calls += 1;
    const request = fromBinary(SignRequestSchema, message);
    const objection = judge(request);
    if (objection !== null) return answerStatus(stream, status.INVALID_ARGUMENT, objection);
    answerAs(takeWrong(), { stream, messageBytes: request.message, key, sign: signCounted });
  };
}

function clientOf({ session }: ServerHttp2Stream): string {
  const socket = session?.socket;
  return socket instanceof TLSSocket ? String(socket.getPeerCertificate().subject.CN) : '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
