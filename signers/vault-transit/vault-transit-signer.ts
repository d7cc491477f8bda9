// Owns the `vault-transit` signer: an Ed25519 key in the transit engine of HashiCorp Vault or OpenBao, one pinned version of it.
import * as z from 'zod';
import { remoteSigner } from '../remote-signer.ts';
import type { Signer, SignerCheck } from '../signer.ts';
import { keyCheckOf } from './key-answer.ts';
import { signResultOf } from './sign-answer.ts';
import { createVaultHttp, type VaultHttpOptions, vaultPath } from './vault-http.ts';
import type { VaultLogin } from './vault-login.ts';
import { callWithToken, type SessionAnswer } from './vault-session.ts';
import { createVaultTokens } from './vault-tokens.ts';

export interface VaultTransitOptions extends VaultHttpOptions {
  /** Name from the configuration. */
  readonly name: string;
  /** Base58 address of the key. */
  readonly address: string;
  /** Where the transit engine is mounted: `transit`. */
  readonly mount: string;
  readonly key: string;
  /** From 1. */
  readonly keyVersion: number;
  readonly login: VaultLogin;
}

const capabilitiesAnswer = z.object({ data: z.object({ capabilities: z.array(z.string()) }) });

/** Calls nothing yet: what does not work is shown by `check`. @throws Error when the URL is none. */
export function createVaultTransitSigner(options: VaultTransitOptions): Signer {
  const { name, address, mount, key, keyVersion } = options;
  const http = createVaultHttp(options);
  const tokens = createVaultTokens(http, options.login);
  const signPath = vaultPath(mount, 'sign', key);
  return remoteSigner({
    name,
    backend: 'vault-transit',
    address,
    sign: async (messageBytes, context) => {
      // As text, which is how a policy that pins the version compares it.
      const body = { input: Buffer.from(messageBytes).toString('base64'), key_version: String(keyVersion) };
      const answer = await callWithToken(http, tokens, { method: 'POST', path: signPath, body }, context.signal);
      return signResultOf(answer, http.host, keyVersion);
    },
    check: async (signal) => {
      const path = vaultPath(mount, 'keys', key);
      const described = await callWithToken(http, tokens, { method: 'GET', path }, signal);
      const check = keyCheckOf(described, { host: http.host, key, keyVersion, address });
      if (check.kind === 'failed') return check;
      const call = { method: 'POST', path: 'sys/capabilities-self', body: { paths: [signPath] } } as const;
      return maySign(await callWithToken(http, tokens, call, signal)) ? check : unsignable(http.host, signPath);
    },
    close: () => {
      tokens.close();
      http.close();
    },
  });
}

/** Whether the policies of the token let it sign, as far as it may ask. */
function maySign(answer: SessionAnswer): boolean {
  const parsed = answer.kind === 'answered' ? capabilitiesAnswer.safeParse(answer.body) : null;
  if (parsed?.success !== true) return true;
  return parsed.data.data.capabilities.some((capability) => capability === 'update' || capability === 'root');
}

function unsignable(host: string, path: string): SignerCheck {
  const reason = `Vault ${host}: the policy of the token must allow update on ${path}`;
  return { kind: 'failed', field: 'key', reason };
}
