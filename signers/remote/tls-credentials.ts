// Owns whom a connection to a remote signer is to: the name that it asks for, and what must stand in the certificate.
import { isIP, type Socket } from 'node:net';
import { type ConnectionOptions, checkServerIdentity, connect, type SecureContext } from 'node:tls';
import { ChannelCredentials, credentials, type experimental } from '@grpc/grpc-js';

export interface ServerIdentity {
  /** `host:port`. */
  readonly target: string;
  /** Instead of the target's host; `null`: that. */
  readonly serverName: string | null;
}

/** An IPv6 host without its brackets. */
export function hostAndPort(target: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(`tcp://${target}`);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) };
}

/** For HTTP/2. No name is asked for where it is to be an address (RFC 6066, 3), which must stand in the certificate all the same. */
export function tlsOptions({ target, serverName }: ServerIdentity, secureContext: SecureContext): ConnectionOptions {
  const name = serverName ?? hostAndPort(target).host;
  return {
    secureContext,
    ALPNProtocols: ['h2'],
    // The environment of the process has no say in it.
    rejectUnauthorized: true,
    ...(isIP(name) === 0 ? { servername: name } : {}),
    checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
  };
}

/** In place of the library's own, which ask for addresses by name: Node warns of that, and will not do it for ever. */
export function tlsCredentials(identity: ServerIdentity, secureContext: SecureContext): ChannelCredentials {
  return new IdentityCredentials(tlsOptions(identity, secureContext));
}

class IdentityCredentials extends ChannelCredentials {
  readonly #options: ConnectionOptions;

  constructor(options: ConnectionOptions) {
    super();
    this.#options = options;
  }

  override _isSecure(): boolean {
    return true;
  }

  override _equals(other: ChannelCredentials): boolean {
    return other === this;
  }

  override _createSecureConnector(): experimental.SecureConnector {
    return {
      connect: (socket) => handshake(socket, this.#options),
      waitForReady: async () => undefined,
      getCallCredentials: () => credentials.createEmpty(),
      destroy: () => undefined,
    };
  }
}

function handshake(socket: Socket, options: ConnectionOptions): Promise<experimental.SecureConnectResult> {
  return new Promise((resolve, reject) => {
    // Ends with an error, not here, where the certificate is not good.
    const secured = connect({ ...options, socket }, () => resolve({ socket: secured, secure: true }));
    secured.on('error', reject);
  });
}
