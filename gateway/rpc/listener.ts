// Owns one gRPC listener: its socket, its TLS, and its end.
import type { DescService } from '@bufbuild/protobuf';
import { logVerbosity, Server, ServerCredentials, setLogVerbosity } from '@grpc/grpc-js';
import { Health } from '../../proto/gen/grpc/health/v1/health_pb.ts';
import { type CallLimits, UNLIMITED } from './call-limits.ts';
import { type HealthState, healthMethods } from './health-service.ts';
import type { EdgeLimits } from './limits.ts';
import { formatAddress, type ListenAddress, parseListenAddress, refuseOpenPlaintext } from './listen-address.ts';
import { createOpenCalls } from './open-calls.ts';
import { addReflection } from './reflection.ts';
import { exposeRepeatedAuthorization } from './repeated-headers.ts';
import type { CallObserver, Edge, FaultLog } from './serve-call.ts';
import { type TlsFiles, tlsCredentials } from './server-tls.ts';
import { addService } from './service.ts';

export interface ListenerOptions {
  /** `host:port`; port 0 asks for a free one. */
  readonly address: string;
  /** Without it only a loopback address is accepted. */
  readonly tls?: TlsFiles;
  readonly limits: EdgeLimits;
  readonly callLimits: CallLimits;
  readonly log: FaultLog;
  readonly observer: CallObserver;
  readonly health: HealthState;
}

export interface RpcListener {
  /** With the real port. */
  readonly address: string;
  /** Takes no new calls, ends streams with SHUTTING_DOWN, lets other calls finish for so long, then ends them too. */
  shutdown(graceMs: number): Promise<void>;
}

/** A service to serve, and how to add it. */
export interface ServedService {
  readonly service: Omit<DescService, 'method'>;
  addTo(server: Server, edge: Edge): void;
}

// grpc-js would write what it also throws to the console, beside our log.
setLogVerbosity(logVerbosity.NONE);

const TLS_RELOAD_MS = 10_000;
const CONNECTION_GRACE_MS = 60_000;
const KEEPALIVE_TIMEOUT_MS = 20_000;

/** Throws when the address is not one, is taken, or would carry API keys in the clear. */
export async function startListener(
  name: string,
  options: ListenerOptions,
  services: readonly ServedService[],
): Promise<RpcListener> {
  const address = parseListenAddress(options.address);
  refuseOpenPlaintext(name, address, options.tls !== undefined);
  const openCalls = createOpenCalls(options.limits);
  const server = createServer(options.limits);
  const { limits, callLimits, log, observer } = options;
  const edge: Edge = { limits, openCalls, callLimits, log, observer };
  for (const served of services) served.addTo(server, edge);
  const names = services.map(({ service }) => service.typeName);
  addService(server, { ...edge, callLimits: UNLIMITED }, Health, () => null, healthMethods(options.health, names));
  addReflection(server, [...services.map(({ service }) => service), Health]);

  const transport = openTransport(name, options);
  const port = await bind(server, name, address, transport.credentials);
  exposeRepeatedAuthorization(server);
  let ended: Promise<void> | null = null;
  return {
    address: formatAddress({ host: address.host, port }),
    shutdown(graceMs) {
      transport.stop();
      openCalls.drain();
      ended ??= endServer(server, graceMs, () => openCalls.abortAll());
      return ended;
    },
  };
}

function createServer(limits: EdgeLimits): Server {
  return new Server({
    'grpc.max_receive_message_length': limits.maxRequestBytes,
    'grpc.max_concurrent_streams': limits.maxStreamsPerConnection,
    'grpc.keepalive_time_ms': limits.keepaliveMs,
    'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
    'grpc.max_connection_age_ms': limits.maxConnectionAgeMs,
    'grpc.max_connection_age_grace_ms': CONNECTION_GRACE_MS,
    'grpc.enable_channelz': 0,
  });
}

function openTransport(
  name: string,
  { tls, log }: ListenerOptions,
): { readonly credentials: ServerCredentials; stop(): void } {
  if (tls === undefined) return { credentials: ServerCredentials.createInsecure(), stop: () => undefined };
  const { credentials, reload } = tlsCredentials(tls);
  const timer = setInterval(() => {
    try {
      reload();
    } catch (error) {
      log.error({ err: error, listener: name }, 'the new TLS files are not usable; the old certificate stays');
    }
  }, TLS_RELOAD_MS).unref();
  return { credentials, stop: () => clearInterval(timer) };
}

function bind(server: Server, name: string, address: ListenAddress, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(formatAddress(address), credentials, (error, port) => {
      if (error === null) return resolve(port);
      reject(new Error(`the ${name} cannot listen on ${formatAddress(address)}: ${error.message}`, { cause: error }));
    });
  });
}

async function endServer(server: Server, graceMs: number, abortCalls: () => void): Promise<void> {
  const { promise: graceOver, resolve } = Promise.withResolvers<'late'>();
  const timer = setTimeout(resolve, graceMs, 'late');
  const closed = new Promise<'closed'>((done) => server.tryShutdown(() => done('closed')));
  const first = await Promise.race([closed, graceOver]);
  clearTimeout(timer);
  if (first === 'closed') return;
  abortCalls();
  // The answers to the aborted calls still have to reach their sockets.
  await new Promise((done) => setImmediate(done));
  server.forceShutdown();
}
