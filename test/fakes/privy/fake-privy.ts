// Owns a fake of Privy's wallet API over HTTP: strict about credentials, signatures, expiry, idempotency keys and bodies, and with every way
// to misbehave. Paths, bodies and answers are those of privy-io/node-sdk (src/resources/wallets, src/resources/key-quorums) and of its
// OpenAPI document (privy-io/rust-sdk, openapi.json).
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { RemoteService } from '../../conformance/remote-signer.ts';
import { type HttpCall, type HttpReply, type SpokenMisbehaviour, startSpoiledHttp } from '../spoiled-http.ts';
import { type AppAccess, checkApp, checkAuthorization, checkExpiry } from './authorization-check.ts';
import { jsonReply, PrivyFailure } from './privy-failure.ts';
import { type Forgery, signFor } from './privy-wallet.ts';
import { createWallets, type FakeWallet, type FakeWallets, type ShownWallet } from './wallets.ts';

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
  /** One more beside the first, which has full access. */
  readonly newAppSecret: (access: AppAccess) => string;
  readonly newAuthorizationKey: () => FakeAuthorizationKey;
  /** Its id. */
  readonly newQuorum: (quorum: FakeQuorum) => string;
  /** Its id. */
  readonly newPolicy: () => string;
  readonly wallets: FakeWallets;
  /** Calls that were to create a wallet. */
  readonly changeCalls: () => number;
  /** As after a day. */
  readonly forgetIdempotencyKeys: () => void;
  /** Fields of the first wallet that are other than the fake's own. */
  readonly changeWallet: (changes: Readonly<Record<string, unknown>>) => void;
  /** The next signature is this. */
  readonly forgeNext: (forgery: Forgery) => void;
  /** Signatures that were made anew, and not out of what an idempotency key stands for. */
  readonly executed: () => number;
  /** The headers of all requests for signatures. */
  readonly headers: () => readonly HttpCall['headers'][];
}

interface Kept {
  readonly asked: string;
  readonly reply: HttpReply;
}

export async function startFakePrivy(): Promise<FakePrivy> {
  const appId = newId();
  const [quorums, policies, kept] = [new Map<string, FakeQuorum>(), new Set<string>(), new Map<string, Kept>()];
  const wallets = createWallets(newId, { isQuorum: (id) => quorums.has(id), isPolicy: (id) => policies.has(id) });
  const first = wallets.add();
  const { address } = first.keys;
  const walletId = first.shown.id;
  const [secrets, seen] = [[] as string[], [] as HttpCall['headers'][]];
  const state = { forgery: null as Forgery | null, executed: 0, changeCalls: 0, appSecret: '' };
  const accesses = new Map<string, AppAccess>();
  const newSecret = (access: AppAccess): string => {
    const secret = randomBytes(24).toString('base64url');
    accesses.set(secret, access);
    secrets.push(secret, Buffer.from(`${appId}:${secret}`).toString('base64'));
    return secret;
  };
  state.appSecret = newSecret('full');

  const answer = (call: HttpCall): HttpReply => {
    checkApp(call, { id: appId, accesses });
    const { pathname, searchParams } = new URL(call.path, 'http://127.0.0.1');
    const [, kind = '', id, rpc] = /^\/v1\/(wallets|key_quorums|policies)(?:\/([\w-]+)(\/rpc)?)?$/.exec(pathname) ?? [];
    switch (`${call.method} ${kind}${id === undefined ? '' : '/id'}${rpc ?? ''}`) {
      case 'GET wallets':
        return jsonReply(200, wallets.list(searchParams));
      case 'GET wallets/id':
        return jsonReply(200, walletWith(id).shown);
      case 'GET key_quorums/id':
        return jsonReply(200, shownQuorum(quorums, id ?? ''));
      case 'GET policies/id':
        return jsonReply(200, shownPolicy(policies, id ?? ''));
      case 'POST wallets':
        return once(call, (body) => wallets.create(body));
      case 'POST wallets/id/rpc':
        return sign(call, walletWith(id));
      default:
        throw new PrivyFailure(404, '', 'Not Found');
    }
  };
  const walletWith = (id: string | undefined): FakeWallet => {
    const wallet = wallets.find(id ?? '');
    if (wallet === null) throw new PrivyFailure(404, '', 'Wallet not found');
    return wallet;
  };
  const sign = (call: HttpCall, wallet: FakeWallet): HttpReply => {
    seen.push(call.headers);
    const keys = authorizedKeys(quorums, wallet.shown);
    return once(
      call,
      (body) => {
        const signed = signFor(wallet.keys, body, state.forgery);
        state.forgery = null;
        state.executed += 1;
        return signed;
      },
      keys,
    );
  };
  /** `keys`: one of them must have signed the request; none: nobody needs to. */
  const once = (call: HttpCall, execute: (body: unknown) => object, keys: readonly string[] = []): HttpReply => {
    checkExpiry(call);
    const body = parseBody(call);
    if (keys.length > 0) checkAuthorization(call, body, keys);
    const idempotencyKey = call.headers['privy-idempotency-key'];
    if (idempotencyKey !== undefined && idempotencyKey.length > 256) throw INVALID_KEY();
    const known = kept.get(idempotencyKey ?? '');
    const asked = `${call.path} ${call.body.toString('utf8')}`;
    if (known !== undefined && known.asked !== asked) throw INVALID_KEY();
    if (known !== undefined) return known.reply;
    const reply = jsonReply(200, execute(body));
    if (idempotencyKey !== undefined) kept.set(idempotencyKey, { asked, reply });
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
  const asksForSignature = ({ method, path }: HttpCall): boolean => {
    const isCreation = method === 'POST' && path === '/v1/wallets';
    if (isCreation) state.changeCalls += 1;
    return isCreation || path.endsWith('/rpc');
  };
  const http = await startSpoiledHttp({ asksForSignature, serve, spoil });
  return {
    ...http,
    appId,
    walletId,
    address,
    wallets,
    changeCalls: () => state.changeCalls,
    forgetIdempotencyKeys: () => kept.clear(),
    newAppSecret: newSecret,
    secrets,
    appSecret: () => state.appSecret,
    rotateAppSecret: () => {
      accesses.delete(state.appSecret);
      state.appSecret = newSecret('full');
    },
    newPolicy: () => {
      const id = newId();
      policies.add(id);
      return id;
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
      first.shown = { ...first.shown, ...changes };
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

function shownPolicy(policies: ReadonlySet<string>, id: string): object {
  if (!policies.has(id)) throw new PrivyFailure(404, '', 'Policy not found');
  return { id, version: '1.0', name: 'countersign', chain_type: 'solana', created_at: 1_741_833_088_894, rules: [] };
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
