// Owns what a `fireblocks` signer is made of.
import type { NamedSecret } from '../../net/named-secret.ts';

export interface FireblocksOptions {
  /** Name from the configuration. */
  readonly name: string;
  /** Base58 address of the vault account's wallet. */
  readonly address: string;
  /** `https://api.fireblocks.io/v1`. Tokens name its path: a proxy with another one cannot stand between. */
  readonly url: string;
  /** The id of the API user. */
  readonly apiKey: NamedSecret;
  /** The API user's RSA key in PEM. */
  readonly apiPrivateKey: NamedSecret;
  readonly vaultAccountId: string;
  /** `SOL`, or `SOL_TEST` in workspaces for tests. */
  readonly assetId: string;
  /** For one HTTP call, connection included. */
  readonly timeoutMs: number;
}
