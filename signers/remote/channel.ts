// Owns the channel to a remote signer: its settings, its credentials that follow their files, and whether it is connected.
import { type ChannelCredentials, Client, type ClientOptions, connectivityState, credentials } from '@grpc/grpc-js';
import { tlsCredentials } from './tls-credentials.ts';
import { readSecureContext, type TlsFiles, versionOf } from './tls-files.ts';

export interface ChannelOptions {
  /** `host:port`. */
  readonly target: string;
  /** `null`: in the clear, which is for loopback only. */
  readonly tls:
    | (TlsFiles & { /** Instead of the target's host; `null`: that. */ readonly serverName: string | null })
    | null;
}

/** A client that is connected. */
export interface Lease {
  readonly client: Client;
  /** To be called when the call over it has ended. */
  readonly release: () => void;
}

export interface SignerChannel {
  /**
   * `null`: no connection came about, by one attempt that ended after this was asked or by the signal's end; nothing was sent. Rejects
   * with TlsFileError where there are no files that can be used.
   */
  connected(signal: AbortSignal): Promise<Lease | null>;
  close(): void;
}

/** How old what is known of the files may be. */
const LOOK_AGAIN_MS = 1_000;

const SETTINGS: ClientOptions = {
  // No answer of this service is near it.
  'grpc.max_receive_message_length': 65_536,
  'grpc.keepalive_time_ms': 20_000,
  'grpc.keepalive_timeout_ms': 5_000,
  // One call is one attempt, whatever DNS says of retries.
  'grpc.enable_retries': 0,
  'grpc.service_config_disable_resolution': 1,
  // A proxy of the environment would be between us and a signer on loopback too.
  'grpc.enable_http_proxy': 0,
  'grpc.use_local_subchannel_pool': 1,
};

/** Does not connect yet. */
export function openSignerChannel(options: ChannelOptions): SignerChannel {
  let current: Generation | null = null;
  let version = '';
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | null = null;
  let isClosed = false;

  const replace = (make: () => Generation): void => {
    current?.retire();
    current = isClosed ? null : make();
  };
  const look = async (tls: NonNullable<ChannelOptions['tls']>): Promise<void> => {
    try {
      const found = await versionOf(tls);
      if (found === version) return;
      const context = await readSecureContext(tls);
      version = found;
      const identity = { target: options.target, serverName: tls.serverName };
      replace(() => generationOf(() => newClient(options, tlsCredentials(identity, context))));
    } catch (error) {
      // In the middle of a rotation the files do not fit together: what was read before is used on.
      if (current === null) throw error;
    } finally {
      lookedAt = performance.now();
    }
  };
  const upToDate = async (): Promise<Generation | null> => {
    if (options.tls === null) {
      current ??= isClosed ? null : generationOf(() => newClient(options, credentials.createInsecure()));
      return current;
    }
    if (current === null || performance.now() - lookedAt > LOOK_AGAIN_MS) {
      looking ??= look(options.tls).finally(() => {
        looking = null;
      });
      await looking;
    }
    return current;
  };
  return {
    async connected(signal) {
      const found = await upToDate();
      if (found === null || signal.aborted) return null;
      const lease = found.lend();
      if (await isConnected(lease.client, signal)) return lease;
      lease.release();
      return null;
    },
    close: () => {
      isClosed = true;
      current?.retire();
      current = null;
    },
  };
}

function newClient({ target }: ChannelOptions, by: ChannelCredentials): Client {
  return new Client(target, by, SETTINGS);
}

/** The clients that were made from the same credentials, one after the other. */
interface Generation {
  lend(): Lease;
  /** What is lent is closed when it is given back. */
  retire(): void;
}

function generationOf(make: () => Client): Generation {
  let shared = sharedClient(make());
  return {
    lend: () => {
      // grpc-js waits longer after each failure. A new client tries at once: how often is for the circuit breaker to say.
      if (shared.client.getChannel().getConnectivityState(false) === connectivityState.TRANSIENT_FAILURE) {
        shared.retire();
        shared = sharedClient(make());
      }
      return shared.lend();
    },
    retire: () => shared.retire(),
  };
}

function sharedClient(client: Client): Generation & { readonly client: Client } {
  let lent = 0;
  let isRetired = false;
  const closeUnused = (): void => {
    if (isRetired && lent === 0) client.close();
  };
  return {
    client,
    lend: () => {
      lent += 1;
      return {
        client,
        release: () => {
          lent -= 1;
          closeUnused();
        },
      };
    },
    retire: () => {
      isRetired = true;
      closeUnused();
    },
  };
}

function isConnected(client: Client, signal: AbortSignal): Promise<boolean> {
  const channel = client.getChannel();
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const stop = (): void => resolve(false);
  const look = (): void => {
    const state = channel.getConnectivityState(!signal.aborted);
    if (state === connectivityState.READY) resolve(true);
    else if (signal.aborted || state === connectivityState.TRANSIENT_FAILURE || state === connectivityState.SHUTDOWN)
      stop();
    else channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, look);
  };
  signal.addEventListener('abort', stop, { once: true });
  look();
  return promise.finally(() => signal.removeEventListener('abort', stop));
}
