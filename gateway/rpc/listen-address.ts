// Owns which addresses a listener may have: host and port, and plaintext on loopback only.
import { isIPv4, isIPv6 } from 'node:net';

export interface ListenAddress {
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Reads `host:port`, `[ipv6]:port`; port 0 asks for a free one. Throws with what would be right. */
export function parseListenAddress(text: string): ListenAddress {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):([0-9]{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || !(port <= 65_535) || (match?.[1] !== undefined && !isIPv6(host))) {
    throw new Error(`the address ${JSON.stringify(text)} is not host:port, for example 127.0.0.1:50051 or [::1]:50051`);
  }
  return { host, port };
}

export function formatAddress({ host, port }: ListenAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether nothing outside this machine can reach it: 127.0.0.0/8, ::1, and the name that RFC 6761 keeps for them. */
export function isLoopback(host: string): boolean {
  if (isIPv4(host)) return host.startsWith('127.');
  if (isIPv6(host)) return host === '::1';
  return host.toLowerCase() === 'localhost';
}

/** Throws when keys and transactions would cross a network in the clear. */
export function refuseOpenPlaintext(name: string, address: ListenAddress, hasTls: boolean): void {
  if (hasTls || isLoopback(address.host)) return;
  throw new Error(
    `the ${name} listener on ${formatAddress(address)} would send API keys in the clear: ` +
      'give it a TLS certificate and key, or a loopback address such as 127.0.0.1',
  );
}
