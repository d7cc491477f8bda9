// Owns what a `turnkey` signer is made of.
import type { NamedSecret } from '../../net/named-secret.ts';

export interface TurnkeyOptions {
  /** Name from the configuration. */
  readonly name: string;
  /** Base58 address of the key. */
  readonly address: string;
  /** `https://api.turnkey.com`. */
  readonly url: string;
  /** The organization that the API key's user belongs to, or its parent where `subOrganizationId` is given. */
  readonly organizationId: string;
  /** Where the wallet is, if it is in a sub-organization. */
  readonly subOrganizationId: string | null;
  /** The id of a private key; `null`: the address, as for accounts of wallets. */
  readonly signWith: string | null;
  /** The wallet that the account is of, for checks; `null`: it is looked for among all of them. */
  readonly walletId: string | null;
  readonly apiPrivateKey: NamedSecret;
  /** For one HTTP call, connection included. */
  readonly timeoutMs: number;
}
