// Owns the proof that the fake refuses what Turnkey refuses of wallets: otherwise the tests of the creator would prove little.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseApiKey, stampOf } from '../../../signers/turnkey/stamp.ts';
import { type FakeTurnkey, startFakeTurnkey } from './fake-turnkey.ts';

const CREATE = 'ACTIVITY_TYPE_CREATE_WALLET';
const DELETE = 'ACTIVITY_TYPE_DELETE_WALLETS';

let fake: FakeTurnkey;
let key: string;
beforeAll(async () => {
  fake = await startFakeTurnkey();
  key = fake.newApiKey(fake.organizationId, [CREATE, DELETE]);
});
afterAll(() => fake.close());

const ACCOUNT = {
  curve: 'CURVE_ED25519',
  pathFormat: 'PATH_FORMAT_BIP32',
  path: "m/44'/501'/0'/0'",
  addressFormat: 'ADDRESS_FORMAT_SOLANA',
};

interface Answer {
  readonly status: number;
  readonly message: unknown;
}

async function post(path: string, body: object, by: string): Promise<Answer> {
  const text = JSON.stringify(body);
  const parsed = parseApiKey(by);
  if (parsed === null) throw new Error('the test has no key');
  const headers = { 'content-type': 'application/json', 'x-stamp': stampOf(parsed, text) };
  const answer = await fetch(`${fake.url}/public/v1/${path}`, { method: 'POST', body: text, headers });
  const said = JSON.parse(await answer.text());
  return { status: answer.status, message: said.message };
}

function submit(type: string, parameters: object, by = key): Promise<Answer> {
  const path = type === CREATE ? 'submit/create_wallet' : 'submit/delete_wallets';
  return post(path, { type, timestampMs: String(Date.now()), organizationId: fake.organizationId, parameters }, by);
}

const wallet = (changes: object = {}) => ({ walletName: 'one', accounts: [ACCOUNT], ...changes });

describe('wallets of the fake of Turnkey', () => {
  it('creates one of a name, and deletes it', async () => {
    expect((await submit(CREATE, wallet({ walletName: 'twice' }))).status).toBe(200);
    expect(await submit(CREATE, wallet({ walletName: 'twice' }))).toEqual({
      status: 400,
      message: 'wallet label must be unique',
    });
    const made = fake.wallets.of(fake.organizationId).find(({ walletName }) => walletName === 'twice');
    const walletIds = [made?.walletId];
    expect((await submit(DELETE, { walletIds })).message).toBe('wallet has not been exported');
    expect((await submit(DELETE, { walletIds, deleteWithoutExport: true })).status).toBe(200);
    expect(fake.wallets.of(fake.organizationId)).not.toContain(made);
  });

  it.each([
    ['without a name', () => submit(CREATE, wallet({ walletName: '' })), 400],
    ['without accounts', () => submit(CREATE, { walletName: 'none' }), 400],
    ['with a field that nobody knows', () => submit(CREATE, wallet({ tags: [] })), 400],
    ['with an account that nobody knows', () => submit(CREATE, wallet({ accounts: [{ ...ACCOUNT, x: 1 }] })), 400],
    ['on another curve', () => submit(CREATE, wallet({ accounts: [{ ...ACCOUNT, curve: 'CURVE_P256' }] })), 400],
    ['with 13 words', () => submit(CREATE, wallet({ mnemonicLength: 13 })), 400],
    ['by a user that may only sign', () => submit(CREATE, wallet(), fake.newApiKey(fake.organizationId)), 403],
    ['of another type than its path', () => submit('ACTIVITY_TYPE_EXPORT_WALLET', { walletIds: [] }), 404],
    ['that is not there', () => submit(DELETE, { walletIds: ['x'], deleteWithoutExport: true }), 404],
    ['that is none', () => submit(DELETE, { walletIds: [], deleteWithoutExport: true }), 400],
    [
      'listed with pages',
      () => post('query/list_wallets', { organizationId: fake.organizationId, limit: 1 }, key),
      400,
    ],
  ])('refuses one %s', async (_name, request, status) => {
    const made = fake.activities.count();
    expect((await request()).status).toBe(status);
    expect(fake.activities.count()).toBe(made);
  });
});
