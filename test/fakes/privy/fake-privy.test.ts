// Owns the proof that the fake refuses what Privy refuses: otherwise the tests of the signer would prove little.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authorizationSignature, parseAuthorizationKey } from '../../../signers/privy/authorization.ts';
import type { CanonicalJson } from '../../../signers/privy/canonical-json.ts';
import { askedBytes } from '../../conformance/asked-bytes.ts';
import { type FakePrivy, startFakePrivy } from './fake-privy.ts';

let fake: FakePrivy;
let key: string;
beforeAll(async () => {
  fake = await startFakePrivy();
  const { privateKey, publicKey } = fake.newAuthorizationKey();
  key = privateKey;
  fake.changeWallet({ owner_id: fake.newQuorum({ publicKeys: [publicKey] }) });
});
afterAll(() => fake.close());

interface Request {
  readonly method: string;
  readonly url: string;
  readonly body: CanonicalJson;
  readonly headers: Readonly<Record<string, string>>;
  readonly signedBy: string | null;
  /** Signed in place of what is sent. */
  readonly signed: {
    readonly url?: string;
    readonly body?: CanonicalJson;
    readonly headers?: Readonly<Record<string, string>>;
  };
}

function rpc(changes: Readonly<Record<string, CanonicalJson>> = {}): CanonicalJson {
  const { wireTransaction } = askedBytes({ address: fake.address, wantsTransactions: true }, 20);
  const params = { transaction: Buffer.from(wireTransaction).toString('base64'), encoding: 'base64' };
  return { method: 'signTransaction', chain_type: 'solana', params, ...changes };
}

async function ask(changes: Partial<Request>): Promise<{ readonly status: number; readonly code: unknown }> {
  const request: Request = {
    method: 'POST',
    url: `${fake.url}/v1/wallets/${fake.walletId}/rpc`,
    body: rpc(),
    headers: { 'privy-app-id': fake.appId },
    signedBy: key,
    signed: {},
    ...changes,
  };
  const { method, url, body, headers, signedBy, signed } = request;
  const parsed = parseAuthorizationKey(signedBy ?? '');
  const signature = parsed && authorizationSignature(parsed, { method: 'POST', url, body, headers, ...signed });
  const authorization = `Basic ${Buffer.from(`${fake.appId}:${fake.appSecret()}`).toString('base64')}`;
  const answer = await fetch(url, {
    method,
    ...(method === 'GET' ? {} : { body: JSON.stringify(body) }),
    headers: {
      'content-type': 'application/json',
      authorization,
      ...(signature === null ? {} : { 'privy-authorization-signature': signature }),
      ...headers,
    },
  });
  const said = JSON.parse(await answer.text());
  return { status: answer.status, code: said.code };
}

const app = (headers: Readonly<Record<string, string>>) => ({ 'privy-app-id': fake.appId, ...headers });

describe('the fake of Privy', () => {
  it('signs what is right', async () => {
    expect(await ask({})).toEqual({ status: 200, code: undefined });
  });

  it.each([
    ['without the app', () => ask({ headers: {} }), 401, 'invalid_credentials'],
    ['with another secret', () => ask({ headers: app({ authorization: 'Basic eDp5' }) }), 401, 'invalid_credentials'],
    ['without a signature', () => ask({ signedBy: null }), 401, 'missing_or_empty_authorization_header'],
    [
      'signed by somebody else',
      () => ask({ signedBy: fake.newAuthorizationKey().privateKey }),
      401,
      'zero_correct_authorization_signatures',
    ],
    [
      'signed for another URL',
      () => ask({ signed: { url: 'https://api.privy.io' } }),
      401,
      'zero_correct_authorization_signatures',
    ],
    ['signed for another body', () => ask({ signed: { body: rpc() } }), 401, 'zero_correct_authorization_signatures'],
    [
      'signed without its idempotency key',
      () => ask({ headers: app({ 'privy-idempotency-key': 'k' }), signed: { headers: app({}) } }),
      401,
      'zero_correct_authorization_signatures',
    ],
    [
      'that has expired',
      () => ask({ headers: app({ 'privy-request-expiry': '1750000000000' }) }),
      400,
      'request_expired',
    ],
    ['for another method', () => ask({ body: rpc({ method: 'signAndSendTransaction' }) }), 400, 'invalid_data'],
    ['with a field that nobody knows', () => ask({ body: rpc({ more: 'x' }) }), 400, 'invalid_data'],
    [
      'whose transaction is none',
      () => ask({ body: rpc({ params: { transaction: 'AAAA', encoding: 'base64' } }) }),
      400,
      'invalid_data',
    ],
    ['for another wallet', () => ask({ url: `${fake.url}/v1/wallets/another/rpc` }), 404, undefined],
    [
      'with an idempotency key that is too long',
      () => ask({ headers: app({ 'privy-idempotency-key': 'k'.repeat(257) }) }),
      400,
      undefined,
    ],
  ])('refuses a request %s', async (_name, request, status, code) => {
    const made = fake.executed();
    expect(await request()).toEqual({ status, code });
    expect(fake.executed()).toBe(made);
  });

  it('answers an idempotency key once, and refuses it for another body', async () => {
    const headers = app({ 'privy-idempotency-key': 'once' });
    const [made, body] = [fake.executed(), rpc()];
    expect((await ask({ headers, body })).status).toBe(200);
    expect((await ask({ headers, body })).status).toBe(200);
    expect((await ask({ headers })).status).toBe(400);
    expect(fake.executed()).toBe(made + 1);
  });
});
