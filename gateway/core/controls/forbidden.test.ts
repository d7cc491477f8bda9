import { describe, expect, it } from 'vitest';
import { knownAddress } from '../base58.ts';
import type { AuthorityChange, Effects } from '../effects/effects.ts';
import { NO_EFFECTS } from '../effects/testing/no-effects.ts';
import { keyAddress } from '../transaction/testing/wire-builder.ts';
import { type Acts, ALWAYS_FORBIDDEN, forbiddenIn, forbiddenReason, OPTIONAL_FORBIDDEN } from './forbidden.ts';

const WALLET = keyAddress(1);
const STRANGER = keyAddress(2);
const ACCOUNT = keyAddress(3);
const SYSTEM = knownAddress('11111111111111111111111111111111');
const AT = { instruction: 0, basis: 'message' } as const;
const FEE = { payer: WALLET, baseLamports: 5000n, priorityLamports: 0n, totalLamports: 5000n };

function acts(effects: Partial<Effects> = {}, change: Partial<Acts> = {}): Acts {
  return {
    wallet: WALLET,
    lifetime: { kind: 'blockhash', blockhash: 'x' },
    effects: [{ ...NO_EFFECTS, fee: FEE, ...effects }],
    divergences: [],
    ...change,
  };
}

function change(kind: string, to: Effects['authorityChanges'][0]['to'], more: Partial<AuthorityChange> = {}) {
  return { authorityChanges: [{ ...AT, kind, account: ACCOUNT, from: WALLET, to, ...more }] };
}

function approval(amount: bigint, delegate = STRANGER): Partial<Effects> {
  return { approvals: [{ ...AT, account: ACCOUNT, owner: WALLET, delegate, asset: null, amount }] };
}

function diverges(account: string, found: string): Partial<Acts> {
  return { divergences: [{ account: keyAddress(account === WALLET ? 1 : 3), change: found, detail: '' }] };
}

const nameOf = (found: Acts, more: Parameters<typeof forbiddenIn>[1] = []) => forbiddenIn(found, more)?.name ?? null;

describe('what no policy can allow on any gateway', () => {
  it.each<[string, Acts]>([
    ['wallet_given_away', acts(change('system_assign', STRANGER, { account: WALLET, from: SYSTEM }))],
    ['wallet_given_away', acts(change('system_allocate', SYSTEM, { account: WALLET, from: SYSTEM }))],
    ['wallet_given_away', acts({}, diverges(WALLET, 'owner_program'))],
    ['wallet_given_away', acts({}, diverges(WALLET, 'data'))],
    ['token_account_given_away', acts(change('token_account_owner', STRANGER))],
    ['token_account_given_away', acts(change('token_account_owner', STRANGER, { from: null }))],
    ['token_account_given_away', acts({}, diverges(ACCOUNT, 'token_owner'))],
    ['unlimited_delegate', acts(approval(2n ** 64n - 1n))],
    ['unlimited_delegate', acts(approval(2n ** 63n))],
  ])('is %s: case %#', (name, found) => {
    expect(nameOf(found)).toBe(name);
  });

  it.each<[string, Acts]>([
    ['nothing', acts()],
    ['an assign of another account', acts(change('system_assign', STRANGER, { from: SYSTEM }))],
    ['a token account that comes to the wallet', acts(change('token_account_owner', WALLET, { from: STRANGER }))],
    ['a token account of somebody else', acts(change('token_account_owner', STRANGER, { from: keyAddress(9) }))],
    ['an approval of an amount', acts(approval(2n ** 63n - 1n))],
    ['an approval to the wallet itself', acts(approval(2n ** 64n - 1n, WALLET))],
    ['data of another account that changes', acts({}, diverges(ACCOUNT, 'data'))],
    ['lamports that nobody explains', acts({}, diverges(WALLET, 'lamports'))],
    ['an authority that goes to somebody', acts(change('nonce_authority', STRANGER))],
  ])('is not %s', (_what, found) => {
    expect(nameOf(found)).toBeNull();
  });

  it('is found where only the simulation shows it, and names the account', () => {
    const [harmless] = acts().effects;
    const [shown] = acts(change('token_account_owner', STRANGER)).effects;
    if (harmless === undefined || shown === undefined) throw new Error('no effects');
    const found = acts({}, { effects: [harmless, shown] });
    expect(forbiddenIn(found, [])).toEqual({ name: 'token_account_given_away', account: ACCOUNT });
  });
});

describe('what no policy can allow where it is configured so', () => {
  const NONCE = { kind: 'durable_nonce', nonce: 'x', nonceAccount: ACCOUNT, nonceAuthority: WALLET } as const;
  const close = (destination = STRANGER) =>
    acts({ closes: [{ ...AT, account: ACCOUNT, owner: keyAddress(9), destination }] });
  const cases: readonly (readonly [(typeof OPTIONAL_FORBIDDEN)[number], Acts])[] = [
    ['any_delegate', acts(approval(1n))],
    ['close_authority_given', acts(change('close_account', STRANGER))],
    ['nonce_authority_given', acts(change('nonce_authority', STRANGER))],
    ['stake_authority_given', acts(change('stake_withdrawer', STRANGER))],
    ['stake_authority_given', acts(change('stake_custodian', STRANGER))],
    ['vote_authority_given', acts(change('vote_withdrawer', STRANGER))],
    ['program_authority_given', acts(change('program_upgrade_authority', STRANGER))],
    ['program_authority_given', acts(change('program_buffer_authority', STRANGER))],
    ['mint_authority_given', acts(change('mint_tokens', STRANGER))],
    ['mint_authority_given', acts(change('freeze_account', STRANGER))],
    ['program_changed', acts({ operations: [{ ...AT, kind: 'program_upgrade', account: ACCOUNT }] })],
    ['close_to_another', close()],
    ['durable_nonce', acts({}, { lifetime: NONCE })],
  ];

  it.each(cases)('is %s: case %#', (name, found) => {
    expect(forbiddenIn(found, [name])).toEqual({ name, account: ACCOUNT });
    expect(nameOf(found)).toBeNull();
    const others = OPTIONAL_FORBIDDEN.filter((other) => other !== name);
    expect(nameOf(found, others)).toBeNull();
  });

  it('is tested for each', () => {
    expect([...new Set(cases.map(([name]) => name))].sort()).toEqual([...OPTIONAL_FORBIDDEN].sort());
  });

  it.each<[string, Acts]>([
    ['an authority that is given up for good', acts(change('mint_tokens', null))],
    ['an authority that the wallet gets', acts(change('nonce_authority', WALLET))],
    ['a close to the wallet', close(WALLET)],
    ['a close to the owner', close(keyAddress(9))],
    [
      'an operation on a program that changes nothing of it',
      acts({ operations: [{ ...AT, kind: 'program_extend', account: ACCOUNT }] }),
    ],
  ])('is not %s', (_what, found) => {
    expect(nameOf(found, OPTIONAL_FORBIDDEN)).toBeNull();
  });
});

it('says why in one sentence each', () => {
  for (const name of [...ALWAYS_FORBIDDEN, ...OPTIONAL_FORBIDDEN])
    expect(forbiddenReason(name)).toMatch(/^[A-Z][^|]+\.$/);
});
