// Owns what a `privy` signer is made of.
import type { NamedSecret } from '../../net/named-secret.ts';

export interface PrivyOptions {
  /** Name from the configuration. */
  readonly name: string;
  /** Base58 address of the wallet. */
  readonly address: string;
  /** `https://api.privy.io`. Privy verifies signatures over its own URL: a proxy with another one cannot stand between. */
  readonly url: string;
  readonly appId: string;
  readonly appSecret: NamedSecret;
  readonly walletId: string;
  /** PKCS8 of a P-256 key; `null`: the wallet has no owner, and requests need no signature. */
  readonly authorizationKey: NamedSecret | null;
  /** For one HTTP call, connection included. */
  readonly timeoutMs: number;
}
