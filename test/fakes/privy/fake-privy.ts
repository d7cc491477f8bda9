// Owns a fake of Privy's wallet API over HTTP: strict about credentials, signatures, expiry, idempotency keys and bodies, and with every way
// to misbehave. Paths, bodies and answers are those of privy-io/node-sdk (src/resources/wallets, src/resources/key-quorums) and of its
// OpenAPI document (privy-io/rust-sdk, openapi.json).
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { base58FromBytes, publicKeyBytes } from '../../../signers/ed25519-key.ts';
import type { RemoteService } from '../../conformance/remote-signer.ts';
import { type HttpCall, type HttpReply, type SpokenMisbehaviour, startSpoiledHttp } from '../spoiled-http.ts';
import { checkApp, checkAuthorization, checkExpiry } from './authorization-check.ts';
import { jsonReply, PrivyFailure } from './privy-failure.ts';
import { type Forgery, signFor } from './privy-wallet.ts';

export const RETRY_AFTER_MS = 3_000;

export interface FakeQuorum {
  /** SPKI in DER, as base64. */
  readonly publicKeys: readonly string[];
  readonly threshold?: number;
  readonly nested?: readonly string[];
}

export interface FakeAuthorizationKey {
  /** As the dashboard gives it out. */
  readonly privateKey: string;
  readonly publicKey: string;
}

export interface FakePrivy extends RemoteService {
  readonly url: string;
  readonly appId: string;
  readonly walletId: string;
  /** Base58. */
  readonly address: string;
  readonly appSecret: () => string;
  readonly rotateAppSecret: () => void;
  readonly newAuthorizationKey: () => FakeAuthorizationKey;
  /** Its id. */
  readonly newQuorum: (quorum: FakeQuorum) => string;
  /** Fields of the wallet that are other than the fake's own. */
  readonly changeWallet: (changes: Readonly<Record<string, unknown>>) => void;
  /** The next signature is this. */
  readonly forgeNext: (forgery: Forgery) => void;
  /** Signatures that were made anew, and not out of what an idempotency key stands for. */
  readonly executed: () => number;
  /** The headers of all requests for signatures. */
  readonly headers: () => readonly HttpCall['headers'][];
}

interface Kept {
  readonly body: string;
  readonly reply: HttpReply;
}

export async function startFakePrivy(): Promise<FakePrivy> {
  const { privateKey: key } = generateKeyPairSync('ed25519');
  const wallet = { address: base58FromBytes(publicKeyBytes(key)), key };
  const [appId, walletId] = [newId(), newId()];
  const [quorums, kept] = [new Map<string, FakeQuorum>(), new Map<string, Kept>()];
  const [secrets, seen] = [[] as string[], [] as HttpCall['headers'][]];
  const state = { forgery: null as Forgery | null, executed: 0, appSecret: '', wallet: {} };
  const newSecret = (): string => {
    const secret = randomBytes(24).toString('base64url');
    secrets.push(secret, Buffer.from(`${appId}:${secret}`).toString('base64'));
    return secret;
  };
  state.appSecret = newSecret();
  const shownWallet = () => ({
    id: walletId,
    address: wallet.address,
    chain_type: 'solana',
    policy_ids: [],
    additional_signers: [],
    owner_id: null,
    created_at: 1_741_834_854_578,
    exported_at: null,
    imported_at: null,
    ...state.wallet,
  });

  const answer = (call: HttpCall): HttpReply => {
    checkApp(call, { id: appId, secret: state.appSecret });
    const [, quorumId] = /^\/v1\/key_quorums\/([\w-]+)$/.exec(call.path) ?? [];
    const [, askedWallet, rpc] = /^\/v1\/wallets\/([\w-]+)(\/rpc)?$/.exec(call.path) ?? [];
    if (askedWallet !== undefined && askedWallet !== walletId) throw new PrivyFailure(404, '', 'Wallet not found');
    if (call.method === 'GET' && quorumId !== undefined) return jsonReply(200, shownQuorum(quorums, quorumId));
    if (call.method === 'GET' && askedWallet !== undefined && rpc === undefined) return jsonReply(200, shownWallet());
    if (call.method === 'POST' && rpc !== undefined) return once(call);
    throw new PrivyFailure(404, '', 'Not Found');
  };
  const once = (call: HttpCall): HttpReply => {
    seen.push(call.headers);
    checkExpiry(call);
    const body = parseBody(call);
    const keys = authorizedKeys(quorums, shownWallet());
    if (keys.length > 0) checkAuthorization(call, body, keys);
    const idempotencyKey = call.headers['privy-idempotency-key'];
    if (idempotencyKey !== undefined && idempotencyKey.length > 256) throw INVALID_KEY();
    const known = kept.get(idempotencyKey ?? '');
    if (known !== undefined && known.body !== call.body.toString('utf8')) throw INVALID_KEY();
    if (known !== undefined) return known.reply;
    const reply = jsonReply(200, signFor(wallet, body, state.forgery));
    state.forgery = null;
    state.executed += 1;
    if (idempotencyKey !== undefined) kept.set(idempotencyKey, { body: call.body.toString('utf8'), reply });
    return reply;
  };
  const serve = async (call: HttpCall): Promise<HttpReply> => {
    try {
      return answer(call);
    } catch (error) {
      if (error instanceof PrivyFailure) return replyTo(error);
      throw error;
    }
  };
  const spoil = async (how: SpokenMisbehaviour, call: HttpCall): Promise<HttpReply> => {
    switch (how) {
      case 'rate_limited':
      case 'server_error':
      case 'refuses':
      case 'wrong_credentials':
        return replyTo(failureOf(how, call));
      default:
        state.forgery = how;
        return serve(call).finally(() => {
          state.forgery = null;
        });
    }
  };
  const http = await startSpoiledHttp({ asksForSignature: ({ path }) => path.endsWith('/rpc'), serve, spoil });
  return {
    ...http,
    appId,
    walletId,
    address: wallet.address,
    secrets,
    appSecret: () => state.appSecret,
    rotateAppSecret: () => {
      state.appSecret = newSecret();
    },
    newAuthorizationKey: () => {
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const pkcs8 = pair.privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64');
      secrets.push(pkcs8);
      const publicKey = pair.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
      return { privateKey: `wallet-auth:${pkcs8}`, publicKey };
    },
    newQuorum: (quorum) => {
      const id = newId();
      quorums.set(id, quorum);
      return id;
    },
    changeWallet: (changes) => {
      state.wallet = { ...state.wallet, ...changes };
    },
    forgeNext: (forgery) => {
      state.forgery = forgery;
    },
    executed: () => state.executed,
    headers: () => seen,
  };
}

/** As cuid2 looks: 24 of a to z and digits. */
function newId(): string {
  return `c${randomBytes(12).toString('hex').slice(1)}`;
}

const INVALID_KEY = (): PrivyFailure => new PrivyFailure(400, '', 'Invalid use of the idempotency key');

function shownQuorum(quorums: ReadonlyMap<string, FakeQuorum>, id: string): object {
  const quorum = quorums.get(id);
  if (quorum === undefined) throw new PrivyFailure(404, '', 'Key quorum not found');
  // With line breaks, as in Privy's own examples.
  const shown = quorum.publicKeys.map((key) => ({ public_key: key.replace(/.{64}/, '$&\n'), display_name: null }));
  return {
    id,
    display_name: null,
    authorization_threshold: quorum.threshold ?? 1,
    authorization_keys: shown,
    user_ids: null,
    ...(quorum.nested === undefined ? {} : { key_quorum_ids: quorum.nested }),
  };
}

interface ShownWallet {
  readonly owner_id: unknown;
  readonly additional_signers: readonly { readonly signer_id: string }[];
}

function authorizedKeys(quorums: ReadonlyMap<string, FakeQuorum>, wallet: ShownWallet): readonly string[] {
  const ids = [wallet.owner_id, ...wallet.additional_signers.map(({ signer_id }) => signer_id)];
  const direct = ids.map((id) => quorums.get(String(id)));
  const nested = direct.flatMap((quorum) => quorum?.nested ?? []).map((id) => quorums.get(id));
  return [...direct, ...nested].flatMap((quorum) => quorum?.publicKeys ?? []);
}

function parseBody({ headers, body }: HttpCall): unknown {
  try {
    if (headers['content-type'] === 'application/json') return JSON.parse(body.toString('utf8'));
  } catch {
    // As for any other body that is none.
  }
  throw new PrivyFailure(400, 'invalid_data', 'Invalid request body');
}

function failureOf(
  how: 'rate_limited' | 'server_error' | 'refuses' | 'wrong_credentials',
  { headers }: HttpCall,
): PrivyFailure {
  switch (how) {
    case 'rate_limited':
      return new PrivyFailure(429, '', 'Too many requests');
    case 'server_error':
      return new PrivyFailure(500, '', 'Internal server error');
    case 'refuses':
      return new PrivyFailure(400, 'policy_violation', 'RPC request denied due to policy violation');
    case 'wrong_credentials': {
      // As careless proxies do, it says what it was told.
      const [, basic = ''] = (headers.authorization ?? '').split(' ');
      const told = `${basic}, that is ${Buffer.from(basic, 'base64').toString('utf8')}`;
      return new PrivyFailure(401, 'invalid_credentials', `Invalid app ID or app secret: ${told}`);
    }
  }
}

function replyTo({ httpStatus, code, message }: PrivyFailure): HttpReply {
  const headers = httpStatus === 429 ? { 'retry-after': String(RETRY_AFTER_MS / 1000) } : {};
  return jsonReply(httpStatus, { error: message, ...(code === '' ? {} : { code }) }, headers);
}
