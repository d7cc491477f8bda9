// Owns the proof that the fake refuses what Turnkey refuses: otherwise the tests of the signer would prove little.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseApiKey, stampOf } from '../../../signers/turnkey/stamp.ts';
import { askedBytes } from '../../conformance/asked-bytes.ts';
import { type FakeTurnkey, startFakeTurnkey } from './fake-turnkey.ts';

let fake: FakeTurnkey;
let key: string;
beforeAll(async () => {
  fake = await startFakeTurnkey();
  key = fake.newApiKey(fake.organizationId);
});
afterAll(() => fake.close());

const PATH = '/public/v1/submit/sign_transaction';

function good(): Record<string, unknown> {
  const { wireTransaction } = askedBytes({ address: fake.address, wantsTransactions: true }, 20);
  const unsignedTransaction = Buffer.from(wireTransaction).toString('hex');
  return {
    type: 'ACTIVITY_TYPE_SIGN_TRANSACTION_V2',
    timestampMs: String(Date.now()),
    organizationId: fake.organizationId,
    parameters: { signWith: fake.address, unsignedTransaction, type: 'TRANSACTION_TYPE_SOLANA' },
  };
}

function stamp(body: string, privateKey = key): string {
  const parsed = parseApiKey(privateKey);
  if (parsed === null) throw new Error('the test has no key');
  return stampOf(parsed, body);
}

interface Answer {
  readonly status: number;
  readonly code: unknown;
}

async function post(path: string, body: string, headers: Record<string, string>): Promise<Answer> {
  const answer = await fetch(`${fake.url}${path}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
  const said = JSON.parse(await answer.text());
  return { status: answer.status, code: said.turnkeyErrorCode };
}

async function submit(changes: Record<string, unknown>, privateKey = key): Promise<Answer> {
  const body = JSON.stringify({ ...good(), ...changes });
  return post(PATH, body, { 'x-stamp': stamp(body, privateKey) });
}

describe('the fake of Turnkey', () => {
  it('signs what is right', async () => {
    expect(await submit({})).toEqual({ status: 200, code: undefined });
  });

  it.each([
    ['without a stamp', async () => post(PATH, JSON.stringify(good()), {}), 401, 'SIGNATURE_MISSING'],
    [
      'with the stamp of another body',
      async () => post(PATH, JSON.stringify(good()), { 'x-stamp': stamp('{}') }),
      401,
      'SIGNATURE_INVALID',
    ],
    [
      'with a stamp that is none',
      async () => post(PATH, JSON.stringify(good()), { 'x-stamp': 'e30=' }),
      401,
      'SIGNATURE_INVALID',
    ],
    ['with a key that nobody knows', async () => submit({}, '7'.repeat(64)), 401, 'PUBLIC_KEY_NOT_FOUND'],
    [
      'to an organization that is not there',
      async () => submit({ organizationId: key }),
      400,
      'INVALID_ORGANIZATION_ID',
    ],
    [
      'of a user of the parent',
      async () => submit({ organizationId: fake.subOrganizationId }),
      400,
      'ORGANIZATION_MISMATCH',
    ],
    ['of an hour ago', async () => submit({ timestampMs: String(Date.now() - 3_600_000) }), 400, 'REQUEST_INVALID'],
    ['whose timestamp is a number', async () => submit({ timestampMs: Date.now() }), 400, 'REQUEST_INVALID'],
    ['with a field that nobody knows', async () => submit({ more: 1 }), 400, 'REQUEST_INVALID'],
    ['of another type', async () => submit({ type: 'ACTIVITY_TYPE_SIGN_RAW_PAYLOAD_V2' }), 404, ''],
    [
      'for another chain',
      async () => submit({ parameters: parameters({ type: 'TRANSACTION_TYPE_ETHEREUM' }) }),
      400,
      'REQUEST_INVALID',
    ],
    ['for a key that is not there', async () => submit({ parameters: parameters({ signWith: 'nobody' }) }), 404, ''],
    [
      'whose transaction is none',
      async () => submit({ parameters: parameters({ unsignedTransaction: '0102' }) }),
      400,
      'INVALID_TRANSACTION',
    ],
    [
      'whose transaction is written as 0x…',
      async () => submit({ parameters: parameters({ unsignedTransaction: '0x01' }) }),
      400,
      'REQUEST_INVALID',
    ],
  ])('refuses a request %s', async (_name, request, status, code) => {
    const made = fake.activities.count();
    expect(await request()).toEqual({ status, code });
    expect(fake.activities.count()).toBe(made);
  });
});

function parameters(changes: Record<string, string>): Record<string, string> {
  const { parameters: right } = good();
  return { ...Object(right), ...changes };
}
