// Owns a fake of Fireblocks' API over HTTP: strict about tokens, nonces, clocks, bodies and external ids, with transactions that go as tests want
// them, and every way to misbehave. Where a shape comes from stands beside it, and what is not documented too.
import { createPublicKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import type { RemoteService } from '../../conformance/remote-signer.ts';
import { type HttpCall, type HttpReply, type SpokenMisbehaviour, startSpoiledHttp } from '../spoiled-http.ts';
import { badBody, FireblocksFailure, jsonReply, notAccepted, replyTo } from './faults.ts';
import { createIdempotencyKeys } from './idempotency.ts';
import { createTokenCheck } from './tokens.ts';
import { createTransactions, type Forgery, type Transactions } from './transactions.ts';
import { ASSET_ID, addressOf, createVault, type Vault } from './vault.ts';

export interface FakeApiUser {
  readonly apiKey: string;
  /** PKCS8 in PEM. */
  readonly privateKey: string;
}

export interface FakeFireblocks extends RemoteService {
  /** With the path `/v1`, as Fireblocks' own. */
  readonly url: string;
  readonly vaultAccountId: string;
  /** A vault account without wallets. */
  readonly emptyVaultAccountId: string;
  readonly assetId: string;
  /** Base58. */
  readonly address: string;
  /** Its keys are the same in each test file: RSA keys take long to make. */
  readonly newApiUser: () => FakeApiUser;
  /** The API user has another key from now on. */
  readonly replaceKey: (apiKey: string) => string;
  readonly transactions: Transactions;
  readonly vault: Vault;
  /** The next answers to questions after transactions are these. */
  readonly answerReads: (...replies: readonly HttpReply[]) => void;
  /** What was submitted, byte for byte. */
  readonly bodies: () => readonly string[];
}

const [VAULT_ACCOUNT_ID, EMPTY_VAULT_ACCOUNT_ID] = ['7', '8'];

/** Fireblocks asks for 4096 bits. */
const RSA_BITS = 2048;
const rsaKeys: KeyObject[] = [];

function rsaKey(n: number): KeyObject {
  rsaKeys[n] ??= generateKeyPairSync('rsa', { modulusLength: RSA_BITS }).privateKey;
  return rsaKeys[n];
}

export async function startFakeFireblocks(): Promise<FakeFireblocks> {
  const { privateKey: key } = generateKeyPairSync('ed25519');
  const users = new Map<string, KeyObject>();
  const [tokens, vault, idempotency] = [createTokenCheck(users), createVault(key), createIdempotencyKeys()];
  const transactions = createTransactions(vault);
  const [bodies, secrets, reads] = [[] as string[], [] as string[], [] as HttpReply[]];
  let keysGiven = 0;
  const newKeyOf = (apiKey: string): string => {
    const privateKey = rsaKey(keysGiven++);
    users.set(apiKey, createPublicKey(privateKey));
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    secrets.push(pem);
    return pem;
  };

  const answer = (call: HttpCall, forgery: Forgery | null): object => {
    if (isCreation(call)) {
      bodies.push(call.body.toString('utf8'));
      return transactions.create(parseJson(call), forgery);
    }
    if (call.method === 'POST') return makeInVault(vault, call);
    if (call.method !== 'GET' || call.body.length > 0) throw notFound();
    const [, by, id = ''] = /^\/v1\/transactions\/(external_tx_id\/)?([A-Za-z0-9-]+)$/.exec(call.path) ?? [];
    if (id !== '') return transactions.read(by === undefined ? 'id' : 'externalTxId', id);
    return readInVault(vault, call);
  };
  const checked = (call: HttpCall, reply: () => HttpReply): HttpReply => {
    tokens.check(call);
    return idempotency.answered(call, reply);
  };
  const serve = async (call: HttpCall, forgery: Forgery | null = null): Promise<HttpReply> => {
    const other = call.path.startsWith('/v1/transactions/') ? reads.shift() : undefined;
    return other ?? replyOf(() => checked(call, () => replyOf(() => jsonReply(200, answer(call, forgery)))));
  };
  const spoil = async (how: SpokenMisbehaviour, call: HttpCall): Promise<HttpReply> => {
    switch (how) {
      case 'rate_limited':
        return replyTo(new FireblocksFailure(429, 429, 'Too many requests'));
      case 'server_error':
        idempotency.spoil(call);
        return replyTo(new FireblocksFailure(500, 500, 'Internal server error'));
      case 'wrong_credentials': {
        // It repeats them: whoever writes that down has them.
        const { 'x-api-key': apiKey = '', authorization = '' } = call.headers;
        secrets.push(authorization.replace('Bearer ', ''));
        const { httpStatus, code, message } = notAccepted();
        return replyTo(new FireblocksFailure(httpStatus, code, `${message} ${apiKey}: ${authorization}`));
      }
      case 'refuses':
        if (!isCreation(call)) return replyTo(new FireblocksFailure(400, 1002, 'Create Vault Account failed'));
        transactions.setNextCourse({ ends: 'BLOCKED', subStatus: 'BLOCKED_BY_POLICY' });
        return serve(call);
      default:
        return serve(call, how);
    }
  };
  const http = await startSpoiledHttp({ asksForSignature: ({ method }) => method === 'POST', serve, spoil });
  return {
    ...http,
    url: `${http.url}/v1`,
    vaultAccountId: VAULT_ACCOUNT_ID,
    emptyVaultAccountId: EMPTY_VAULT_ACCOUNT_ID,
    assetId: ASSET_ID,
    address: addressOf(key),
    transactions,
    vault,
    secrets,
    bodies: () => bodies,
    answerReads: (...replies) => {
      reads.push(...replies);
    },
    newApiUser: () => {
      const apiKey = randomUUID();
      secrets.push(apiKey);
      return { apiKey, privateKey: newKeyOf(apiKey) };
    },
    replaceKey: newKeyOf,
  };
}

function isCreation({ method, path }: HttpCall): boolean {
  return method === 'POST' && path === '/v1/transactions';
}

const notFound = () => new FireblocksFailure(404, 404, 'Not Found');

function makeInVault(vault: Vault, call: HttpCall): object {
  if (call.path === '/v1/vault/accounts') return vault.create(parseJson(call));
  const [, account, assetId = ''] = /^\/v1\/vault\/accounts\/(\d+)\/(\w+)$/.exec(call.path) ?? [];
  if (account === undefined) throw notFound();
  return vault.createWallet(account, assetId, parseJson(call));
}

function readInVault(vault: Vault, { path }: HttpCall): object {
  const { pathname, searchParams } = new URL(path, 'http://fake');
  if (pathname === '/v1/vault/accounts_paged') return vault.list(searchParams);
  const [, account, assetId = ''] = /^\/v1\/vault\/accounts\/(\d+)\/(\w+)\/addresses_paginated$/.exec(path) ?? [];
  if (account === undefined) throw notFound();
  return vault.addresses(account, assetId);
}

function replyOf(answer: () => HttpReply): HttpReply {
  try {
    return answer();
  } catch (error) {
    if (error instanceof FireblocksFailure) return replyTo(error);
    throw error;
  }
}

function parseJson({ headers, body }: HttpCall): unknown {
  if (headers['content-type'] !== 'application/json') throw badBody('content-type');
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw badBody('it is no JSON');
  }
}
