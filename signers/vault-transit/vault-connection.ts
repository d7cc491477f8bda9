// Owns the connection to one Vault under one login: connections that are kept, and a token that is got once for all who share it.
import { createVaultHttp, type VaultHttpOptions } from './vault-http.ts';
import type { VaultLogin } from './vault-login.ts';
import { type AskedCall, callWithToken, type SessionAnswer } from './vault-session.ts';
import { createVaultTokens } from './vault-tokens.ts';

export interface VaultConnectionOptions extends VaultHttpOptions {
  readonly login: VaultLogin;
}

export interface VaultConnection {
  readonly host: string;
  /** Never rejects. */
  readonly call: (call: AskedCall, signal: AbortSignal) => Promise<SessionAnswer>;
  readonly close: () => void;
}

/** Calls nothing yet. @throws Error when the URL is none. */
export function openVaultConnection(options: VaultConnectionOptions): VaultConnection {
  const http = createVaultHttp(options);
  const tokens = createVaultTokens(http, options.login);
  return {
    host: http.host,
    call: (call, signal) => callWithToken(http, tokens, call, signal),
    close: () => {
      tokens.close();
      http.close();
    },
  };
}

/** Each call gives the one connection, to be closed once; it ends with the last of them, and the next opens another. */
export function sharedVaultConnection(open: () => VaultConnection): () => VaultConnection {
  let shared: { readonly connection: VaultConnection; users: number } | null = null;
  return () => {
    const mine = shared ?? { connection: open(), users: 0 };
    shared = mine;
    mine.users += 1;
    return {
      ...mine.connection,
      close: () => {
        mine.users -= 1;
        if (mine.users > 0) return;
        shared = null;
        mine.connection.close();
      },
    };
  };
}
