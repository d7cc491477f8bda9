// Owns a fake of Turnkey's API over HTTP: strict about stamps, bodies, timestamps, organizations and keys, with activities that go as tests
// want them, and every way to misbehave. Where a shape comes from stands beside it; the bounds of timestamps are the fake's own, as Turnkey
// publishes none.
import { createECDH, generateKeyPairSync, randomUUID } from 'node:crypto';
import * as z from 'zod';
import { base58FromBytes, publicKeyBytes } from '../../../signers/ed25519-key.ts';
import type { RemoteService } from '../../conformance/remote-signer.ts';
import { type HttpCall, type HttpReply, type SpokenMisbehaviour, startSpoiledHttp } from '../spoiled-http.ts';
import { type Activities, createActivities } from './activities.ts';
import { BAD_BODY, jsonReply, TurnkeyFailure } from './faults.ts';
import { answerQuery, type Holdings, type TurnkeyUser } from './queries.ts';
import { type Enclave, type Forgery, payloadSigning, transactionSigning } from './signatures.ts';
import { stamperOf } from './stamps.ts';

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
  /** Of a new user in this organization, who may sign; its private key as hex. */
  readonly newApiKey: (organizationId: string) => string;
  /** Nobody knows it any more. */
  readonly revoke: (apiPrivateKey: string) => void;
  readonly activities: Activities;
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
  const { privateKey: key } = generateKeyPairSync('ed25519');
  const address = base58FromBytes(publicKeyBytes(key));
  const [organizationId, subOrganizationId, walletId, privateKeyId] = [0, 1, 2, 3].map(() => randomUUID());
  if (!organizationId || !subOrganizationId || !walletId || !privateKeyId) throw new Error('there are four ids');
  const enclave: Enclave = { address, key, names: new Set([address, privateKeyId]) };
  const users = new Map<string, TurnkeyUser>();
  const [activities, bodies, secrets] = [createActivities(), [] as string[], [] as string[]];
  let forgery: Forgery | null = null;
  const holdings: Holdings = {
    organizationName: 'Example',
    activities,
    walletId,
    privateKeyId,
    privateKeyAddress: address,
    accounts: accountsOf(address, otherAccounts),
  };

  const answer = (call: HttpCall): object => {
    const [, kind, name = ''] = /^\/public\/v1\/(query|submit)\/([a-z_]+)$/.exec(call.path) ?? [];
    if (call.method !== 'POST' || kind === undefined) throw new TurnkeyFailure(404, '', 'Not Found');
    if (call.headers['content-type'] !== 'application/json') throw BAD_BODY();
    const body = parseJson(call.body);
    const user = userOf(users, call, body, kind, [organizationId, subOrganizationId]);
    return kind === 'query' ? answerQuery(name, body, user, holdings) : submit(name, call.body, body);
  };
  const submit = (name: string, bytes: Buffer, body: unknown): object => {
    bodies.push(bytes.toString('utf8'));
    const read = envelope.safeParse(body);
    if (!read.success) throw BAD_BODY();
    const { type, timestampMs, organizationId: organization, parameters } = read.data;
    if (Math.abs(Date.now() - Number(timestampMs)) > TIMESTAMP_WINDOW_MS) {
      throw new TurnkeyFailure(400, 'REQUEST_INVALID', 'request timestamp is too far from the present');
    }
    const signing = SIGNINGS.get(name);
    if (signing === undefined || type !== signing.type) throw new TurnkeyFailure(404, '', 'Not Found');
    return activities.submit(bytes, () => {
      const result = signing.make(enclave, parameters, forgery);
      forgery = null;
      return { organizationId: organization, type, timestampMs, intent: { [signing.intent]: parameters }, result };
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
  const http = await startSpoiledHttp({ asksForSignature: ({ path }) => path.includes('/submit/'), serve, spoil });
  return {
    ...http,
    organizationId,
    subOrganizationId,
    walletId,
    privateKeyId,
    address,
    activities,
    secrets,
    bodies: () => bodies,
    forgeNext: (how) => {
      forgery = how;
    },
    newApiKey: (organization) => {
      const pair = createECDH('prime256v1');
      const publicKey = pair.generateKeys('hex', 'compressed');
      const user = { userId: randomUUID(), username: 'countersign', organizationId: organization };
      users.set(publicKey, user);
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

const SIGNINGS = new Map([
  [
    'sign_transaction',
    { type: 'ACTIVITY_TYPE_SIGN_TRANSACTION_V2', intent: 'signTransactionIntentV2', make: transactionSigning },
  ],
  [
    'sign_raw_payload',
    { type: 'ACTIVITY_TYPE_SIGN_RAW_PAYLOAD_V2', intent: 'signRawPayloadIntentV2', make: payloadSigning },
  ],
]);

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

function accountsOf(address: string, others: number): Holdings['accounts'] {
  const account = (at: string, curve: string) => ({ walletAccountId: randomUUID(), address: at, curve });
  const before = Array.from({ length: others }, (_, n) =>
    account(`0x${n.toString(16).padStart(40, '0')}`, 'CURVE_SECP256K1'),
  );
  return [...before, account(address, 'CURVE_ED25519')];
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
