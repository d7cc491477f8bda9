// Owns the check of a `turnkey` signer: whose the API key is, and that the wallet's key is there. Queries only: nothing is signed.
import * as z from 'zod';
import type { Asked } from '../service-answer.ts';
import type { SignerCheck } from '../signer.ts';
import type { TurnkeyApi } from './turnkey-api.ts';
import type { TurnkeyOptions } from './turnkey-options.ts';
import {
  ACCOUNTS_PAGE,
  type Ask,
  accountsOf,
  isSolanaAccount,
  queries,
  userThere,
  type WalletAccount,
} from './turnkey-queries.ts';

type Failed = Extract<SignerCheck, { readonly kind: 'failed' }>;

const privateKeySchema = z.object({
  privateKey: z.object({
    privateKeyId: z.string(),
    curve: z.string(),
    addresses: z.array(z.object({ format: z.string().optional(), address: z.string().optional() })),
  }),
});

/** Whoever has more accounts names the wallet. */
const MAX_PAGES = 20;

export async function checkTurnkey(
  api: TurnkeyApi,
  options: TurnkeyOptions,
  signal: AbortSignal,
): Promise<SignerCheck> {
  const ask = queries(api, options, options.signWith === null ? 'wallet_id' : 'sign_with', signal);
  const user = await userThere(ask, options);
  if (user.kind === 'failed') return user;
  const key = options.signWith === null ? await findAccount(ask, options) : await findPrivateKey(ask, options);
  if (key.kind === 'failed') return key;
  return { kind: 'ready', detail: `${user.value}: ${key.value}` };
}

async function findAccount(ask: Ask, { address, walletId }: TurnkeyOptions): Promise<Asked<string>> {
  let after: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const listed = await accountsOf(ask, walletId, after);
    if (listed.kind === 'failed') return listed;
    const accounts = listed.value;
    const account = accounts.find((each) => each.address === address);
    if (account !== undefined) return usable(account);
    after = accounts.at(-1)?.walletAccountId;
    if (accounts.length < ACCOUNTS_PAGE)
      return noAccount(
        'no wallet account of the organization has this address; for a private key give its id in sign_with',
      );
  }
  return noAccount(`the address is none of the first ${ACCOUNTS_PAGE * MAX_PAGES} wallet accounts: give wallet_id`);
}

function noAccount(reason: string): Failed {
  return { kind: 'failed', field: 'address', reason };
}

function usable(account: WalletAccount): Asked<string> {
  if (isSolanaAccount(account)) {
    const path = /^[mM0-9/'h]{1,64}$/.test(account.path) ? account.path : '';
    return { kind: 'told', value: `wallet account ${path}`.trimEnd() };
  }
  return noAccount('the wallet account with this address is no Solana account on Ed25519');
}

async function findPrivateKey(ask: Ask, { address, signWith }: TurnkeyOptions): Promise<Asked<string>> {
  const read = await ask('get_private_key', { privateKeyId: signWith }, privateKeySchema);
  if (read.kind === 'failed') return read;
  const { curve, addresses } = read.value.privateKey;
  const isOurs = curve === 'CURVE_ED25519' && addresses.some((each) => each.address === address);
  if (isOurs) return { kind: 'told', value: `private key ${signWith}` };
  return { kind: 'failed', field: 'sign_with', reason: 'the private key with this id has another address' };
}
