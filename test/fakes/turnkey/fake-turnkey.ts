// Owns a fake of Turnkey's API over HTTP: strict about stamps, bodies, timestamps, organizations and keys, with activities that go as tests
// want them, and every way to misbehave. Where a shape comes from stands beside it; the bounds of timestamps are the fake's own, as Turnkey
// publishes none.
import { createECDH, randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { RemoteService } from '../../conformance/remote-signer.ts';
import { type HttpCall, type HttpReply, type SpokenMisbehaviour, startSpoiledHttp } from '../spoiled-http.ts';
import { type Activities, createActivities } from './activities.ts';
import { BAD_BODY, jsonReply, TurnkeyFailure } from './faults.ts';
import { answerQuery, type Holdings, type TurnkeyUser } from './queries.ts';
import { type Enclave, type Forgery, payloadSigning, transactionSigning } from './signatures.ts';
import { stamperOf } from './stamps.ts';
import { createWallets, type FakeAccount, type FakeWallets, newAccount } from './wallets.ts';

export const RETRY_AFTER_MS = 2_000;

export interface FakeTurnkey extends RemoteService {
  readonly url: string;
  /** The parent, of which the sub-organization is one. */
  readonly organizationId: string;
  readonly subOrganizationId: string;
  readonly walletId: string;
  readonly privateKeyId: string;
  /** Base58, of the wallet account and of the private key alike. */
  readonly address: string;
  /** Of a new user in this organization, who may sign, or do just what is said; its private key as hex. */
  readonly newApiKey: (organizationId: string, mayDo?: readonly string[]) => string;
  /** Nobody knows it any more. */
  readonly revoke: (apiPrivateKey: string) => void;
  readonly activities: Activities;
  readonly wallets: FakeWallets;
  /** Submissions that were to create or delete wallets. */
  readonly changeCalls: () => number;
  /** What was submitted, byte for byte. */
  readonly bodies: () => readonly string[];
  /** The next signature is this. */
  readonly forgeNext: (forgery: Forgery) => void;
}

const envelope = z.strictObject({
  type: z.string(),
  timestampMs: z.string().regex(/^\d{13}$/),
  organizationId: z.string(),
  parameters: z.unknown(),
});
const target = z.object({ organizationId: z.string() });
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TIMESTAMP_WINDOW_MS = 10 * 60 * 1000;

/** `otherAccounts`: wallet accounts that are listed before the one that signs. */
export async function startFakeTurnkey({ otherAccounts = 3 } = {}): Promise<FakeTurnkey> {
  const [organizationId, subOrganizationId, privateKeyId] = [0, 1, 2].map(() => randomUUID());
  if (!organizationId || !subOrganizationId || !privateKeyId) throw new Error('there are three ids');
  const wallets = createWallets();
  const account = newAccount(`m/44'/501'/${otherAccounts}'/0'`);
  const { address } = account;
  const accounts = [...accountsBefore(otherAccounts), account];
  const { walletId } = wallets.add({ walletName: 'Default', organizationId: null, accounts });
  const enclaveOf =
    (organization: string): Enclave =>
    (signWith) => {
      const name = signWith === privateKeyId ? address : signWith;
      const key = wallets.keyOf(organization, name);
      return key && { address: name, key };
    };
  const users = new Map<string, TurnkeyUser>();
  const [activities, bodies, secrets] = [createActivities(), [] as string[], [] as string[]];
  let forgery: Forgery | null = null;
  const holdings: Holdings = {
    organizationName: 'Example',
    activities,
    wallets,
    privateKeyId,
    privateKeyAddress: address,
  };

  const answer = (call: HttpCall): object => {
    const [, kind, name = ''] = /^\/public\/v1\/(query|submit)\/([a-z_]+)$/.exec(call.path) ?? [];
    if (call.method !== 'POST' || kind === undefined) throw new TurnkeyFailure(404, '', 'Not Found');
    if (call.headers['content-type'] !== 'application/json') throw BAD_BODY();
    const body = parseJson(call.body);
    const user = userOf(users, call, body, kind, [organizationId, subOrganizationId]);
    return kind === 'query' ? answerQuery(name, body, user, holdings) : submit(name, call.body, body, user);
  };
  const submit = (name: string, bytes: Buffer, body: unknown, user: TurnkeyUser): object => {
    bodies.push(bytes.toString('utf8'));
    const read = envelope.safeParse(body);
    if (!read.success) throw BAD_BODY();
    const { type, timestampMs, organizationId: organization, parameters } = read.data;
    if (Math.abs(Date.now() - Number(timestampMs)) > TIMESTAMP_WINDOW_MS) {
      throw new TurnkeyFailure(400, 'REQUEST_INVALID', 'request timestamp is too far from the present');
    }
    const submission = SUBMISSIONS.get(name);
    if (submission === undefined || type !== submission.type) throw new TurnkeyFailure(404, '', 'Not Found');
    if (!user.mayDo.has(type)) throw failureOf('refuses');
    return activities.submit(bytes, () => {
      const scene = { organization, wallets, enclave: enclaveOf(organization), forgery };
      const result = submission.make(scene, parameters);
      forgery = null;
      return { organizationId: organization, type, timestampMs, intent: { [submission.intent]: parameters }, result };
    });
  };
  const serve = async (call: HttpCall): Promise<HttpReply> => replyOf(() => answer(call));
  const spoil = async (how: SpokenMisbehaviour, call: HttpCall): Promise<HttpReply> => {
    switch (how) {
      case 'rate_limited':
      case 'server_error':
      case 'refuses':
      case 'wrong_credentials':
        return replyTo(failureOf(how));
      default:
        forgery = how;
        return serve(call).finally(() => {
          // Where the body was known already, nothing was signed for it.
          forgery = null;
        });
    }
  };
  let changeCalls = 0;
  const asksForSignature = ({ path }: HttpCall): boolean => {
    if (path.endsWith('_wallet') || path.endsWith('_wallets')) changeCalls += path.includes('/submit/') ? 1 : 0;
    return path.includes('/submit/');
  };
  const http = await startSpoiledHttp({ asksForSignature, serve, spoil });
  return {
    ...http,
    organizationId,
    subOrganizationId,
    walletId,
    privateKeyId,
    address,
    activities,
    wallets,
    changeCalls: () => changeCalls,
    secrets,
    bodies: () => bodies,
    forgeNext: (how) => {
      forgery = how;
    },
    newApiKey: (organization, mayDo = SIGNING) => {
      const pair = createECDH('prime256v1');
      const publicKey = pair.generateKeys('hex', 'compressed');
      const known = { userId: randomUUID(), username: 'countersign', organizationId: organization };
      users.set(publicKey, { ...known, mayDo: new Set(mayDo) });
      const text = pair.getPrivateKey('hex').padStart(64, '0');
      secrets.push(text);
      return text;
    },
    revoke: (apiPrivateKey) => {
      const pair = createECDH('prime256v1');
      pair.setPrivateKey(apiPrivateKey, 'hex');
      users.delete(pair.getPublicKey('hex', 'compressed'));
    },
  };
}

interface Scene {
  readonly organization: string;
  readonly wallets: FakeWallets;
  readonly enclave: Enclave;
  readonly forgery: Forgery | null;
}

interface Submission {
  readonly type: string;
  readonly intent: string;
  /** @throws TurnkeyFailure */
  readonly make: (scene: Scene, parameters: unknown) => () => object | null;
}

const SUBMISSIONS: ReadonlyMap<string, Submission> = new Map([
  [
    'sign_transaction',
    {
      type: 'ACTIVITY_TYPE_SIGN_TRANSACTION_V2',
      intent: 'signTransactionIntentV2',
      make: ({ enclave, forgery }, parameters) => transactionSigning(enclave, parameters, forgery),
    },
  ],
  [
    'sign_raw_payload',
    {
      type: 'ACTIVITY_TYPE_SIGN_RAW_PAYLOAD_V2',
      intent: 'signRawPayloadIntentV2',
      make: ({ enclave, forgery }, parameters) => payloadSigning(enclave, parameters, forgery),
    },
  ],
  [
    'create_wallet',
    {
      type: 'ACTIVITY_TYPE_CREATE_WALLET',
      intent: 'createWalletIntent',
      make: ({ wallets, organization }, parameters) => wallets.creation(organization, parameters),
    },
  ],
  [
    'delete_wallets',
    {
      type: 'ACTIVITY_TYPE_DELETE_WALLETS',
      intent: 'deleteWalletsIntent',
      make: ({ wallets, organization }, parameters) => wallets.deletion(organization, parameters),
    },
  ],
]);

const SIGNING = ['ACTIVITY_TYPE_SIGN_TRANSACTION_V2', 'ACTIVITY_TYPE_SIGN_RAW_PAYLOAD_V2'];

/** A user of the parent may read in the sub-organization; whoever submits must be of the very one. */
function userOf(
  users: ReadonlyMap<string, TurnkeyUser>,
  call: HttpCall,
  body: unknown,
  kind: string,
  [parent, child]: readonly string[],
): TurnkeyUser {
  const read = target.safeParse(body);
  if (!read.success) throw BAD_BODY();
  const { organizationId } = read.data;
  if (!UUID.test(organizationId)) {
    throw new TurnkeyFailure(400, 'INVALID_ORGANIZATION_ID', 'malformed organization ID provided');
  }
  if (organizationId !== parent && organizationId !== child) {
    throw new TurnkeyFailure(404, 'ORGANIZATION_NOT_FOUND', 'no organization found with the given ID');
  }
  const user = users.get(stamperOf(call));
  const reads = kind === 'query' && user?.organizationId === parent;
  if (user === undefined || (user.organizationId !== parent && organizationId === parent)) throw UNKNOWN_KEY();
  if (user.organizationId === organizationId || reads) return user;
  const message = `organization mismatch: request is targeting organization ("${organizationId}"), but voters are in organization ("${user.organizationId}")`;
  throw new TurnkeyFailure(400, 'ORGANIZATION_MISMATCH', message);
}

const UNKNOWN_KEY = (): TurnkeyFailure =>
  new TurnkeyFailure(
    401,
    'PUBLIC_KEY_NOT_FOUND',
    'could not find public key in organization or its parent organization',
  );

function failureOf(how: 'rate_limited' | 'server_error' | 'refuses' | 'wrong_credentials'): TurnkeyFailure {
  switch (how) {
    case 'rate_limited':
      return new TurnkeyFailure(
        429,
        'RATE_LIMIT_EXCEEDED',
        'this organization cannot execute activities because it has been rate limited. Please reach out to the Turnkey team (help@turnkey.com) for more information.',
      );
    case 'server_error':
      return new TurnkeyFailure(500, 'INTERNAL', `internal server error (${randomUUID()})`);
    case 'refuses':
      return new TurnkeyFailure(403, 'REQUEST_NOT_AUTHORIZED', 'request not authorized');
    case 'wrong_credentials':
      return UNKNOWN_KEY();
  }
}

function accountsBefore(count: number): FakeAccount[] {
  return Array.from({ length: count }, (_, n) => ({
    walletAccountId: randomUUID(),
    address: `0x${n.toString(16).padStart(40, '0')}`,
    curve: 'CURVE_SECP256K1',
    path: `m/44'/60'/0'/0/${n}`,
    key: null,
  }));
}

function replyOf(answer: () => object): HttpReply {
  try {
    return jsonReply(200, answer());
  } catch (error) {
    if (error instanceof TurnkeyFailure) return replyTo(error);
    throw error;
  }
}

function replyTo({ httpStatus, status }: TurnkeyFailure): HttpReply {
  const headers = httpStatus === 429 ? { 'retry-after': String(RETRY_AFTER_MS / 1000) } : {};
  return jsonReply(httpStatus, status, headers);
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw BAD_BODY();
  }
}
