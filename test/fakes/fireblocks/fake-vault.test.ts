import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessToken, parseApiPrivateKey } from '../../../signers/fireblocks/access-token.ts';
import { type FakeApiUser, type FakeFireblocks, startFakeFireblocks } from './fake-fireblocks.ts';

let fake: FakeFireblocks;
let user: FakeApiUser;
beforeAll(async () => {
  fake = await startFakeFireblocks();
  user = fake.newApiUser();
});
afterAll(() => fake.close());

async function ask(method: 'GET' | 'POST', path: string, body = '', key?: string) {
  const { apiKey, privateKey } = user;
  const rsa = parseApiPrivateKey(privateKey);
  if (rsa === null) throw new Error('the fake gave a key that is none');
  const token = await accessToken(rsa, { apiKey, uri: `/v1${path}`, body });
  const answer = await fetch(`${fake.url}${path}`, {
    method,
    headers: {
      'x-api-key': apiKey,
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    ...(method === 'GET' ? {} : { body }),
  });
  const said: Readonly<Record<string, unknown>> = JSON.parse(await answer.text());
  return { status: answer.status, said };
}

const make = (request: object, key: string = randomUUID()) =>
  ask('POST', '/vault/accounts', JSON.stringify(request), key);

describe('the vault of the fake', () => {
  it('gives the first answer again to the same key', async () => {
    const [key, before] = [randomUUID(), fake.vault.made().length];
    const first = await make({ name: 'one' }, key);
    expect(first).toMatchObject({ status: 200, said: { name: 'one' } });
    expect(await make({ name: 'one' }, key)).toEqual(first);
    expect(await make({ name: 'two' }, key)).toMatchObject({ status: 400 });
    expect(fake.vault.made()).toHaveLength(before + 1);
  });

  it('takes no key again after an internal error', async () => {
    const key = randomUUID();
    await fake.misbehave('server_error', 1);
    expect((await make({ name: 'one' }, key)).status).toBe(500);
    expect(await make({ name: 'one' }, key)).toMatchObject({
      status: 400,
      said: { message: expect.stringContaining('after an internal error') },
    });
  });

  it.each([
    ['with a field that nobody knows', () => make({ name: 'one', more: 1 }), 400],
    ['without a name', () => make({}), 400],
    ['with a name that is not ASCII', () => make({ name: 'Bücher' }), 400],
    ['with a key that is too long', () => make({ name: 'one' }, 'x'.repeat(41)), 400],
    ['in a vault account that is not there', () => ask('POST', '/vault/accounts/99/SOL_TEST', '{}'), 404],
    ['for an asset that the workspace does not have', () => ask('POST', '/vault/accounts/8/SOL', '{}'), 400],
    ['where a wallet is', () => ask('POST', '/vault/accounts/7/SOL_TEST', '{}'), 400],
    ['by a list with a limit of 501', () => ask('GET', '/vault/accounts_paged?limit=501'), 400],
    ['by a list with a parameter that nobody knows', () => ask('GET', '/vault/accounts_paged?name=x'), 400],
  ])('makes and shows nothing %s', async (_name, request, status) => {
    const before = fake.vault.made().length;
    expect((await request()).status).toBe(status);
    expect(fake.vault.made()).toHaveLength(before);
  });
});
