import { createHash, createPrivateKey, randomUUID, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeApiUser, type FakeFireblocks, startFakeFireblocks } from './fake-fireblocks.ts';

let fake: FakeFireblocks;
let user: FakeApiUser;
beforeAll(async () => {
  fake = await startFakeFireblocks();
  user = fake.newApiUser();
  await submit({ externalTxId: 'known' });
});
afterAll(() => fake.close());

const URI = '/v1/transactions';

let made = 0;
function good(changes: object = {}): Record<string, unknown> {
  made += 1;
  return {
    operation: 'RAW',
    externalTxId: `test-${made}`,
    assetId: fake.assetId,
    source: { type: 'VAULT_ACCOUNT', id: fake.vaultAccountId },
    extraParameters: { rawMessageData: { messages: [{ content: '0102' }] } },
    ...changes,
  };
}

interface Token {
  readonly header?: object;
  readonly claims?: object;
  readonly privateKey?: string;
  readonly apiKey?: string;
}

function authorized(body: string, { header, claims, privateKey = user.privateKey, apiKey = user.apiKey }: Token) {
  const iat = Math.floor(Date.now() / 1000);
  const bodyHash = createHash('sha256').update(body).digest('hex');
  const said = { uri: URI, nonce: randomUUID(), iat, exp: iat + 29, sub: user.apiKey, bodyHash, ...claims };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part(header ?? { alg: 'RS256', typ: 'JWT' })}.${part(said)}`;
  const signature = sign('RSA-SHA256', Buffer.from(signed), createPrivateKey(privateKey)).toString('base64url');
  return { 'x-api-key': apiKey, authorization: `Bearer ${signed}.${signature}` };
}

async function post(body: string, headers: Readonly<Record<string, string>>) {
  const answer = await fetch(`${fake.url}/transactions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  const said: { readonly code?: number } = JSON.parse(await answer.text());
  return { status: answer.status, code: said.code };
}

function submit(changes: object = {}, token: Token = {}) {
  const body = JSON.stringify(good(changes));
  return post(body, authorized(body, token));
}

const seconds = () => Math.floor(Date.now() / 1000);

describe('the fake of Fireblocks', () => {
  it('takes a right request', async () => {
    expect(await submit()).toEqual({ status: 200, code: undefined });
  });

  it.each([
    ['without a token', () => post(JSON.stringify(good()), { 'x-api-key': user.apiKey }), -3],
    ['of a user that nobody knows', () => submit({}, { apiKey: 'nobody' }), -7],
    ['in the name of another user', () => submit({}, { claims: { sub: 'another' } }), -6],
    ['signed with another key', () => submit({}, { privateKey: fake.newApiUser().privateKey }), -1],
    ['signed in another way', () => submit({}, { header: { alg: 'RS512', typ: 'JWT' } }), -7],
    ['for another path', () => submit({}, { claims: { uri: '/v1/vault/accounts' } }), -4],
    ['for another body', () => submit({}, { claims: { bodyHash: '0'.repeat(64) } }), -7],
    ['that has expired', () => submit({}, { claims: { iat: seconds() - 60, exp: seconds() - 31 } }), -10],
    ['of tomorrow', () => submit({}, { claims: { iat: seconds() + 86_400, exp: seconds() + 86_410 } }), -12],
    ['that is good for 30 s', () => submit({}, { claims: { iat: seconds(), exp: seconds() + 30 } }), -7],
    ['without a nonce', () => submit({}, { claims: { nonce: undefined } }), -7],
    ['with a claim that nobody knows', () => submit({}, { claims: { aud: 'x' } }), -7],
  ])('takes no token %s', async (_name, request, code) => {
    const count = fake.transactions.count();
    expect(await request()).toEqual({ status: 401, code });
    expect(fake.transactions.count()).toBe(count);
  });

  it('takes no token twice', async () => {
    const body = JSON.stringify(good());
    const headers = authorized(body, {});
    expect((await post(body, headers)).status).toBe(200);
    expect(await post(body, headers)).toEqual({ status: 401, code: -7 });
  });

  it.each([
    ['with an external id that was there before', () => submit({ externalTxId: 'known' }), 400, 1438],
    ['without an external id', () => submit({ externalTxId: undefined }), 400, 1402],
    ['of another kind', () => submit({ operation: 'PROGRAM_CALL' }), 400, 1402],
    ['with a field that nobody knows', () => submit({ more: 1 }), 400, 1402],
    ['for an asset that is not there', () => submit({ assetId: 'BTC' }), 400, 1503],
    ['for a vault account that is not there', () => submit({ source: { type: 'VAULT_ACCOUNT', id: '99' } }), 404, 1004],
    ['whose message is written as 0x…', () => submit(messages([{ content: '0x01' }])), 400, 1402],
    ['without a message', () => submit(messages([])), 400, 1402],
    ['with too many messages', () => submit(messages(new Array(128).fill({ content: '01' }))), 400, 1402],
  ])('refuses a transaction %s', async (_name, request, status, code) => {
    const count = fake.transactions.count();
    expect(await request()).toEqual({ status, code });
    expect(fake.transactions.count()).toBe(count);
  });
});

function messages(list: readonly object[]): object {
  return { extraParameters: { rawMessageData: { messages: list } } };
}
