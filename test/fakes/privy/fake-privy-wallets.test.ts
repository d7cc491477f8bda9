// Owns the proof that the fake refuses what Privy refuses of wallets: otherwise the tests of the creator would prove little.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakePrivy, startFakePrivy } from './fake-privy.ts';

let fake: FakePrivy;
let owner: string;
beforeAll(async () => {
  fake = await startFakePrivy();
  owner = fake.newQuorum({ publicKeys: [fake.newAuthorizationKey().publicKey] });
});
afterAll(() => fake.close());

interface Answer {
  readonly status: number;
  readonly said: { readonly id?: string; readonly data?: readonly unknown[]; readonly next_cursor?: string };
}

async function ask(path: string, body: object | null, headers = {}, secret = fake.appSecret()): Promise<Answer> {
  const basic = Buffer.from(`${fake.appId}:${secret}`).toString('base64');
  const answer = await fetch(`${fake.url}${path}`, {
    method: body === null ? 'GET' : 'POST',
    headers: {
      authorization: `Basic ${basic}`,
      'privy-app-id': fake.appId,
      'content-type': 'application/json',
      ...headers,
    },
    ...(body === null ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, said: JSON.parse(await answer.text()) };
}

const create = (changes: object, headers = {}, secret?: string): Promise<Answer> =>
  ask('/v1/wallets', { chain_type: 'solana', owner_id: owner, ...changes }, headers, secret);

describe('wallets of the fake of Privy', () => {
  it('creates one an idempotency key, and refuses the key for another', async () => {
    const headers = { 'privy-idempotency-key': 'the-key' };
    const [first, again] = [await create({ external_id: 'a' }, headers), await create({ external_id: 'a' }, headers)];
    expect(again).toEqual(first);
    expect((await create({ external_id: 'b' }, headers)).status).toBe(400);
  });

  it('lists those with an external id, and others in pages', async () => {
    const { said } = await create({ external_id: 'listed' });
    expect((await ask('/v1/wallets?external_id=listed', null)).said.data).toMatchObject([{ id: said.id }]);
    expect((await ask('/v1/wallets?external_id=nothing', null)).said).toEqual({ data: [] });
    const page = (await ask('/v1/wallets?limit=1', null)).said;
    expect(page.data).toHaveLength(1);
    const rest = (await ask(`/v1/wallets?cursor=${page.next_cursor}`, null)).said;
    expect(rest.data).not.toContainEqual(page.data?.[0]);
    expect(rest.next_cursor).toBeUndefined();
  });

  it.each([
    [
      'whose external id is taken',
      async () => create({ external_id: (await create({ external_id: 'x' })) && 'x' }),
      400,
    ],
    ['whose external id is too long', () => create({ external_id: 'x'.repeat(65) }), 400],
    ['whose external id is no name', () => create({ external_id: 'a b' }), 400],
    ['whose name is too long', () => create({ display_name: 'x'.repeat(101) }), 400],
    ['of an owner that is not there', () => create({ owner_id: fake.newPolicy() }), 400],
    ['with a signer that is not there', () => create({ additional_signers: [{ signer_id: fake.newPolicy() }] }), 400],
    ['under a policy that is not there', () => create({ policy_ids: [owner] }), 400],
    ['under two policies', () => create({ policy_ids: [fake.newPolicy(), fake.newPolicy()] }), 400],
    ['with a field that nobody knows', () => create({ tags: [] }), 400],
    ['by a secret that may only read', () => create({}, {}, fake.newAppSecret('read-only')), 403],
    ['by a secret that is none', () => create({}, {}, 'none'), 401],
    ['listed by a filter that nobody knows', () => ask('/v1/wallets?label=x', null), 400],
  ])('refuses one %s', async (_name, request, status) => {
    expect((await request()).status).toBe(status);
  });
});
