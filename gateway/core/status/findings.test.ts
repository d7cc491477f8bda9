import { describe, expect, it } from 'vitest';
import type { RequestState } from '../request/request-state.ts';
import { findingsOf, type StatusFacts } from './findings.ts';

const NOW = 1_700_000_000_000;
const MINUTE = 60_000;
const WELL: StatusFacts = {
  now: NOW,
  clockAheadMs: 0,
  open: [],
  approvals: { count: 0, next: [] },
  reservations: { count: 0, oldestAgeMs: 0 },
  replicas: [{ replica: 'a', revision: 'r1', problem: null, seenAt: NOW }],
  freezes: [],
  unmetApprovals: [],
  isReadOnly: false,
  chainProblem: null,
  schema: { found: 9, known: 9 },
  wallets: [{ walletId: 'hot', foreign: 0, foreignAt: null, problem: null }],
  sponsors: [{ name: 'gas-station', address: 'S', lamports: 5n, alertBelow: 5n }],
  signers: [{ name: 'vault', backend: 'vault-transit', wallets: ['hot'], failure: null, isLeftAlone: false }],
  unserved: [],
  feePayers: [{ name: 'gas-station', backend: 'sponsor', address: 'S', signer: 'vault', wallets: ['hot'] }],
  unopened: [],
  disputes: { open: [], shown: null, ended: [] },
  keysLeft: { count: 0, wallets: [] },
};

const found = (change: Partial<StatusFacts>) =>
  findingsOf({ ...WELL, ...change }).map(({ severity, code, subjects }) => [severity, code, ...subjects]);
const open = (state: RequestState, ageMs: number) => ({
  open: [{ state, count: 2, oldestAt: NOW - ageMs, oldest: ['one', 'two'] }],
});
const pending = (...inMs: readonly number[]) => ({
  approvals: { count: inMs.length, next: inMs.map((ms, i) => ({ approvalId: `a${i}`, expiresAt: NOW + ms })) },
});
const replica = (name: string, change: Partial<StatusFacts['replicas'][number]> = {}) => ({
  replica: name,
  revision: 'r1',
  problem: null,
  seenAt: NOW,
  ...change,
});
const wallet = (change: Partial<StatusFacts['wallets'][number]>) => ({
  wallets: [{ walletId: 'hot', foreign: 0, foreignAt: null, problem: null, ...change }],
});
const signer = (change: Partial<StatusFacts['signers'][number]>) => ({
  signers: [{ name: 'hsm', backend: 'remote', wallets: ['hot'], failure: null, isLeftAlone: false, ...change }],
});
const DENIED = { field: 'token_file', reason: 'permission denied', forMs: 90_000 };
const feePayer = (change: Partial<StatusFacts['feePayers'][number]>) => ({
  feePayers: [{ name: 'kora', backend: 'kora', address: 'K', signer: null, wallets: ['hot'], ...change }],
});

describe('what needs a person', () => {
  it('is nothing where all is well, with work under way', () => {
    expect(found({})).toEqual([]);
    expect(found({ ...open('SIGNING', MINUTE), reservations: { count: 3, oldestAgeMs: 24 * 60 * MINUTE } })).toEqual(
      [],
    );
    expect(found({ ...open('SUBMITTED', 5 * MINUTE), clockAheadMs: -2_000 })).toEqual([]);
    expect(found(open('SIGNED', 60 * MINUTE))).toEqual([]);
  });

  it.each<[Partial<StatusFacts>, readonly string[]]>([
    [open('SIGNING', MINUTE + 1), ['problem', 'SIGNING_STUCK', 'one', 'two']],
    [open('SUBMITTED', 5 * MINUTE + 1), ['problem', 'LANDING_SLOW', 'one', 'two']],
    [open('CONFIRMED', 5 * MINUTE + 1), ['problem', 'LANDING_SLOW', 'one', 'two']],
    [open('INDETERMINATE', 10 * MINUTE), ['notice', 'OUTCOME_UNKNOWN', 'one', 'two']],
    [open('INDETERMINATE', 10 * MINUTE + 1), ['problem', 'OUTCOME_UNKNOWN', 'one', 'two']],
    [pending(15 * MINUTE), ['notice', 'APPROVALS_WAITING', 'a0']],
    [pending(60 * MINUTE, 15 * MINUTE - 1), ['problem', 'APPROVAL_NEAR_TIMEOUT', 'a1']],
    [{ clockAheadMs: 2_001 }, ['problem', 'CLOCK_OFF']],
    [{ clockAheadMs: -2_001 }, ['problem', 'CLOCK_OFF']],
    [{ chainProblem: 'refused' }, ['problem', 'CHAIN_AWAY']],
    [{ schema: { found: 10, known: 9 } }, ['problem', 'SCHEMA_DIFFERS']],
    [{ reservations: { count: 1, oldestAgeMs: 24 * 60 * MINUTE + 1 } }, ['notice', 'RESERVATION_OLD']],
    [{ replicas: [replica('a'), replica('b', { revision: 'r2' })] }, ['problem', 'REVISIONS_DIFFER', 'a', 'b']],
    [{ replicas: [replica('a', { problem: 'no route' })] }, ['problem', 'POLICY_FAILING', 'a']],
    [wallet({ foreign: 2, foreignAt: NOW }), ['problem', 'WALLET_MOVED_ELSEWHERE', 'hot']],
    [wallet({ problem: 'not served' }), ['notice', 'WALLETS_NOT_COMPARED', 'hot']],
    [
      { sponsors: [{ name: 'gas-station', address: 'S', lamports: 4n, alertBelow: 5n }] },
      ['problem', 'SPONSOR_LOW', 'gas-station'],
    ],
    [signer({ failure: DENIED }), ['problem', 'SIGNER_FAILING', 'hsm']],
    [signer({ isLeftAlone: true }), ['problem', 'SIGNER_LEFT_ALONE', 'hsm']],
    [
      { unserved: [{ walletId: 'cold', why: 'gone: keystore_file: not found' }] },
      ['problem', 'WALLET_NOT_SERVED', 'cold'],
    ],
    [
      { unopened: [{ part: 'wallet template hot', why: 'signer.passphrase_file: not found' }] },
      ['problem', 'NOT_OPEN', 'wallet template hot'],
    ],
    [feePayer({ address: null }), ['problem', 'FEE_PAYER_CANNOT_PAY', 'kora']],
    [{ keysLeft: { count: 7, wallets: ['hot-1'] } }, ['notice', 'KEYS_LEFT', 'hot-1']],
    [{ freezes: ['wallet hot'] }, ['notice', 'FROZEN']],
    [{ unmetApprovals: ['it asks for 3 approvals'] }, ['notice', 'APPROVERS_MISSING']],
    [{ isReadOnly: true }, ['notice', 'READ_ONLY']],
  ])('is told: case %#', (change, expected) => {
    expect(found(change)).toEqual([expected]);
  });

  it('says nothing of a fee payer whose balance the chain did not tell', () => {
    expect(found({ sponsors: [{ name: 'gas-station', address: 'S', lamports: null, alertBelow: 5n }] })).toEqual([]);
  });

  it('says of a signer that fails what is wrong, since when, where to look and whose money waits', () => {
    const wallets = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    expect(findingsOf({ ...WELL, ...signer({ failure: DENIED, wallets }) })).toMatchObject([
      {
        what: 'the signer hsm (remote) fails its check for 90 s: token_file: permission denied; it signs for a, b, c, d, e and 2 more',
        remedy: expect.stringMatching(/token_file.*countersign signers check hsm/),
      },
    ]);
    const unused = findingsOf({ ...WELL, ...signer({ failure: { ...DENIED, field: null }, wallets: [] }) });
    expect(unused[0]?.what).toContain('for 90 s: permission denied; no wallet uses it');
  });

  it('says of a fee payer that its signer fails, or is left alone', () => {
    const own = feePayer({ signer: 'hsm' });
    for (const change of [{ failure: DENIED }, { isLeftAlone: true }]) {
      const findings = findingsOf({ ...WELL, ...own, ...signer(change) });
      expect(findings.map(({ code, what }) => `${code} ${what}`)).toContainEqual(
        expect.stringMatching(/^FEE_PAYER_CANNOT_PAY .*kora.*its signer hsm/),
      );
    }
    expect(found({ ...own, ...signer({}) })).toEqual([]);
  });

  it('tells wallets that lack the same signer together', () => {
    const why = 'gone: keystore_file: not found';
    const unserved = ['a', 'b'].map((walletId) => ({ walletId, why }));
    expect(found({ unserved })).toEqual([['problem', 'WALLET_NOT_SERVED', 'a', 'b']]);
    expect(findingsOf({ ...WELL, unserved })[0]?.what).toBe(`2 wallets not served by this gateway: ${why}`);
  });

  it('does not ask after gateways that are gone, nor after what was found long ago', () => {
    const gone = NOW - MINUTE - 1;
    expect(found({ replicas: [replica('a'), replica('b', { revision: 'r2', problem: 'x', seenAt: gone })] })).toEqual(
      [],
    );
    expect(found(wallet({ foreign: 2, foreignAt: NOW - 24 * 60 * MINUTE - 1 }))).toEqual([]);
  });

  it('comes before what is merely worth knowing, and says what to do', () => {
    const all = findingsOf({
      ...WELL,
      isReadOnly: true,
      freezes: ['everything'],
      chainProblem: 'refused',
      ...open('SIGNING', 180 * MINUTE),
    });
    expect(all.map(({ code }) => code)).toEqual(['CHAIN_AWAY', 'SIGNING_STUCK', 'FROZEN', 'READ_ONLY']);
    expect(all[1]).toMatchObject({ what: '2 requests SIGNING, the oldest for 3 h' });
    for (const { remedy } of all) expect(remedy).not.toBe('');
  });
});
