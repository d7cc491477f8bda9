// Owns what a `fireblocks` signer, and a creator of its keys, are made of.
import type { NamedSecret } from '../../net/named-secret.ts';

/** A workspace, as one of its API users. */
export interface FireblocksAccess {
  /** `https://api.fireblocks.io/v1`. Tokens name its path: a proxy with another one cannot stand between. */
  readonly url: string;
  /** The id of the API user. */
  readonly apiKey: NamedSecret;
  /** The API user's RSA key in PEM. */
  readonly apiPrivateKey: NamedSecret;
  /** `SOL`, or `SOL_TEST` in workspaces for tests. */
  readonly assetId: string;
  /** For one HTTP call, connection included. */
  readonly timeoutMs: number;
}

export interface FireblocksOptions extends FireblocksAccess {
  /** Name from the configuration. */
  readonly name: string;
  /** Base58 address of the vault account's wallet. */
  readonly address: string;
  readonly vaultAccountId: string;
}

export interface FireblocksCreatorOptions extends FireblocksAccess {
  /** Whether Fireblocks' Console leaves the vault accounts out. */
  readonly hiddenOnUi: boolean;
}
