// Owns methods that read accounts, balances and token accounts.
import type { AddressAndAccount } from 'litesvm/dist/internal.js';
import { decodeBase58, encodeBase58 } from '../../base58.ts';
import type { Commitment } from '../../chain-reader.ts';
import { isRecord } from '../../json-exact.ts';
import { accountJson, type StoredAccount } from '../account-encoding.ts';
import type { Chain } from '../chain.ts';
import { addressAt, commitmentOfConfig, configAt, listAt, type Params } from '../params.ts';
import { invalidParams } from '../rpc-error.ts';
import { type Methods, withContext } from './method.ts';

const MAX_MULTIPLE_ACCOUNTS = 100;
const TOKEN_PROGRAMS = ['TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA', 'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb'];
const TOKEN_ACCOUNT_BYTES = 165;
const CLOCK_SYSVAR = 'SysvarC1ock11111111111111111111111111111111';
const CLOCK_UNIX_OFFSET = 32;

export const accountMethods: Methods = {
  getAccountInfo: (chain, params) => {
    const config = configAt(params, 1);
    const commitment = commitmentOfConfig(chain, config);
    return withContext(chain, accountJson(accountAt(chain, addressAt(params[0], 'address'), commitment), config));
  },
  getMultipleAccounts,
  getBalance: (chain, params) => {
    commitmentOfConfig(chain, configAt(params, 1));
    return withContext(chain, chain.svm.getBalance(addressAt(params[0], 'address')) ?? 0n);
  },
  getTokenAccountsByOwner,
  getTokenAccountBalance,
};

function getMultipleAccounts(chain: Chain, params: Params): unknown {
  const config = configAt(params, 1);
  const commitment = commitmentOfConfig(chain, config);
  const addresses = listAt(params[0], 'addresses', MAX_MULTIPLE_ACCOUNTS);
  const accounts = addresses.map((address, index) =>
    accountJson(accountAt(chain, addressAt(address, `address ${index}`), commitment), config),
  );
  return withContext(chain, accounts);
}

/** The one state, but for the clock: whoever asks for it wants to know how far a commitment is. */
function accountAt(chain: Chain, address: Uint8Array, commitment: Commitment): StoredAccount | null {
  const account = chain.svm.getAccount(address);
  if (account === null || encodeBase58(address) !== CLOCK_SYSVAR) return account;
  const slot = chain.clock.slot(commitment);
  const data = Buffer.from(account.data());
  data.writeBigUInt64LE(slot, 0);
  data.writeBigInt64LE(BigInt(Math.floor(chain.clock.timeOf(slot) / 1_000)), CLOCK_UNIX_OFFSET);
  return {
    lamports: () => account.lamports(),
    data: () => data,
    owner: () => account.owner(),
    executable: () => account.executable(),
    rentEpoch: () => account.rentEpoch(),
  };
}

function getTokenAccountsByOwner(chain: Chain, params: Params): unknown {
  const owner = addressAt(params[0], 'owner');
  const filter = params[1];
  const config = configAt(params, 2);
  commitmentOfConfig(chain, config);
  if (!isRecord(filter)) throw invalidParams('the second parameter must be {mint} or {programId}');
  const { mint: mintText, programId } = filter;
  const mint = mintText === undefined ? null : addressAt(mintText, 'mint');
  if (mint === null && programId === undefined) throw invalidParams('the filter must name mint or programId');
  const programs = programId === undefined ? TOKEN_PROGRAMS : [encodeBase58(addressAt(programId, 'programId'))];
  const matches = programs
    .filter((program) => TOKEN_PROGRAMS.includes(program))
    .flatMap((program) => chain.svm.getProgramAccounts(decodeBase58(program) ?? new Uint8Array()))
    .filter((entry) => isTokenAccountOf(entry, owner, mint));
  const value = matches.map((entry) => ({
    pubkey: encodeBase58(entry.address),
    account: accountJson(entry.account(), config),
  }));
  return withContext(chain, value);
}

function getTokenAccountBalance(chain: Chain, params: Params): unknown {
  commitmentOfConfig(chain, configAt(params, 1));
  const account = chain.svm.getAccount(addressAt(params[0], 'token account'));
  const isToken = account !== null && TOKEN_PROGRAMS.includes(encodeBase58(account.owner()));
  const data = Buffer.from(account?.data() ?? new Uint8Array());
  if (!isToken || data.length < TOKEN_ACCOUNT_BYTES) throw invalidParams('could not find a token account there');
  const decimals = chain.svm.getAccount(data.subarray(0, 32))?.data()[44];
  if (decimals === undefined) throw invalidParams('the mint of the token account does not exist');
  const amount = data.readBigUInt64LE(64).toString();
  return withContext(chain, { amount, decimals, ...uiAmounts(amount, decimals) });
}

function uiAmounts(amount: string, decimals: number): { readonly uiAmount: number; readonly uiAmountString: string } {
  const padded = amount.padStart(decimals + 1, '0');
  const whole = padded.slice(0, padded.length - decimals);
  const fraction = padded.slice(padded.length - decimals).replace(/0+$/, '');
  const uiAmountString = decimals === 0 || fraction === '' ? whole : `${whole}.${fraction}`;
  return { uiAmount: Number(uiAmountString), uiAmountString };
}

function isTokenAccountOf(entry: AddressAndAccount, owner: Uint8Array, mint: Uint8Array | null): boolean {
  const data = Buffer.from(entry.account().data());
  if (data.length < TOKEN_ACCOUNT_BYTES) return false;
  // A Token-2022 mint with extensions is longer than a token account; the byte behind it tells them apart.
  if (data.length > TOKEN_ACCOUNT_BYTES && data[TOKEN_ACCOUNT_BYTES] !== 2) return false;
  return data.subarray(32, 64).equals(owner) && (mint === null || data.subarray(0, 32).equals(mint));
}
