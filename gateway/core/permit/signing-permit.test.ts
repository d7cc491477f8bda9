import { address } from '@solana/kit';
import { describe, expect, it } from 'vitest';
import type { Approver } from '../approval/quorum.ts';
import type { Verdict } from '../decision/decision.ts';
import { buildWire, keyAddress } from '../transaction/testing/wire-builder.ts';
import {
  type JudgedMessage,
  type JudgedSubject,
  type JudgedTransaction,
  mintSigningPermit,
  permitTerms,
  type SigningPermit,
} from './signing-permit.ts';

const WALLET = '4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM';
const OTHER = '8qbHbw2BbbTHBW1sbeqakYXVKRQM8Ne7pLK7m6CVfeR';

const ALLOW: Verdict = { kind: 'allow', reasons: [] };
const DENY: Verdict = { kind: 'deny', reasons: [] };
const TWO_APPROVALS: Verdict = {
  kind: 'require_approval',
  reasons: [],
  approval: { quorum: 2, groups: [], timeoutSeconds: 60 },
};

it('gives no permit for a denial, with approvals or without', () => {
  expect(mintSigningPermit(judged(DENY), null).kind).toBe('refused');
  expect(mintSigningPermit(judged(DENY), approvedBy('ann', 'bob', 'cid')).kind).toBe('refused');
});

describe('a decision that requires approval', () => {
  it('gives a permit when the quorum approved this very transaction', () => {
    expect(mintSigningPermit(judged(TWO_APPROVALS), approvedBy('ann', 'bob')).kind).toBe('permit');
  });

  it.each([
    ['nobody approved', null],
    ['too few approved', approvedBy('ann')],
    ['one approver is counted twice', approvedBy('ann', 'ann')],
    ['the requester is one of the approvers', approvedBy('ann', 'trader')],
    ['another transaction was approved', { ...approvedBy('ann', 'bob'), intentDigest: new Uint8Array(32).fill(8) }],
    ['the digest is empty', { ...approvedBy('ann', 'bob'), intentDigest: new Uint8Array() }],
  ])('gives none when %s', (_case, approval) => {
    expect(mintSigningPermit(judged(TWO_APPROVALS), approval).kind).toBe('refused');
  });

  it('gives a permit only when the seats are filled by members of their groups', () => {
    const verdict: Verdict = {
      kind: 'require_approval',
      reasons: [],
      approval: {
        quorum: 2,
        groups: ['security', 'treasury'],
        perGroup: [{ group: 'security', quorum: 1 }],
        escalation: { afterSeconds: 30, groups: ['board'] },
        timeoutSeconds: 60,
      },
    };
    const [ann, tom, ben, kim] = [
      { id: 'ann', groups: ['treasury'] },
      { id: 'tom', groups: ['treasury'] },
      { id: 'ben', groups: ['security'] },
      { id: 'kim', groups: ['board'] },
    ];
    const minted = (granted: Parameters<typeof mintSigningPermit>[1]) =>
      mintSigningPermit(judged(verdict), granted).kind;
    expect(minted(approvedBy(ann, tom))).toBe('refused');
    expect(minted(approvedBy(ann, ben))).toBe('permit');
    expect(minted(approvedBy(ann, { ...ben, groups: ['treasury'] }))).toBe('refused');
    expect(minted(approvedBy(ann, { ...ben, id: 'trader' }))).toBe('refused');
    expect(minted(approvedBy(ann, kim))).toBe('refused');
    expect(minted({ ...approvedBy(ann, kim), escalated: true })).toBe('permit');
  });

  it('gives none when the quorum is zero or not a number', () => {
    for (const quorum of [0, -1, Number.NaN]) {
      const verdict = { ...TWO_APPROVALS, approval: { quorum, groups: [], timeoutSeconds: 60 } } as const;
      expect(mintSigningPermit(judged(verdict), approvedBy('ann', 'bob')).kind).toBe('refused');
    }
  });
});

it('gives none for a wallet that is not the required signer at its index', () => {
  expect(mintSigningPermit({ ...judged(ALLOW), signerIndex: 1 }, null).kind).toBe('refused');
  expect(mintSigningPermit({ ...judged(ALLOW), signerIndex: -1 }, null).kind).toBe('refused');
  expect(mintSigningPermit({ ...judged(ALLOW), wallet: address(OTHER) }, null).kind).toBe('refused');
});

describe('a permit that names a fee payer', () => {
  const paid = (change: Partial<JudgedTransaction>, signatures: readonly (Uint8Array | null)[] = [null, null]) => {
    const { transaction } = judged(ALLOW);
    const staticAccounts = [address(OTHER), address(WALLET)];
    return {
      ...judged(ALLOW),
      signerIndex: 1,
      feePayer: address(OTHER),
      transaction: { ...transaction, staticAccounts, signatures },
      ...change,
    };
  };

  it('is given where it is the one whose signature is missing in slot 0', () => {
    expect(permitTerms(mint(paid({})))).toMatchObject({ feePayer: OTHER, signerIndex: 1 });
    expect(permitTerms(mint(paid({ feePayer: null })))).toMatchObject({ feePayer: null });
  });

  it('is not given for another, for the wallet itself, or where the slot is filled', () => {
    expect(mintSigningPermit(paid({ feePayer: address(WALLET) }), null).kind).toBe('refused');
    expect(mintSigningPermit({ ...judged(ALLOW), feePayer: address(WALLET) }, null).kind).toBe('refused');
    expect(mintSigningPermit({ ...judged(ALLOW), feePayer: address(OTHER) }, null).kind).toBe('refused');
    expect(mintSigningPermit(paid({}, [new Uint8Array(64).fill(1), null]), null).kind).toBe('refused');
  });
});

it('keeps the judged bytes whatever happens to the originals or to what it hands out', () => {
  const source = judged(ALLOW);
  const permit = mint(source);
  source.transaction.messageBytes.fill(0xff);
  source.transaction.signatures[1]?.fill(0xff);
  transactionOf(permit).messageBytes.fill(0xee);
  const { messageBytes, signatures } = transactionOf(permit);
  expect([...messageBytes]).toEqual([1, 2, 3]);
  expect(signatures[1]?.every((byte) => byte === 7)).toBe(true);
});

it.each([
  ['a plain object of the same shape', (permit: SigningPermit) => ({ ...permit })],
  ['an object with the permit as prototype', (permit: SigningPermit) => Object.create(permit)],
  ['an object with its class', (permit: SigningPermit) => Object.create(Object.getPrototypeOf(permit))],
  ['a structured clone', (permit: SigningPermit) => structuredClone({ ...permit })],
  ['a proxy around it', (permit: SigningPermit) => new Proxy(permit, {})],
  ['null', () => null],
])('does not take %s for a permit', (_case, forge) => {
  expect(() => permitTerms(forge(mint(judged(ALLOW))))).toThrow('not a signing permit');
});

it('cannot be changed from outside', () => {
  const permit = mint(judged(ALLOW));
  expect(Object.isFrozen(permit)).toBe(true);
  expect(Reflect.ownKeys(permit)).toEqual([]);
});

describe('a permit for a message', () => {
  it('is given as one for a transaction is, from the same decisions', () => {
    expect(mintSigningPermit(judgedMessage(ALLOW), null).kind).toBe('permit');
    expect(mintSigningPermit(judgedMessage(DENY), approvedBy('ann', 'bob')).kind).toBe('refused');
    expect(mintSigningPermit(judgedMessage(TWO_APPROVALS), null).kind).toBe('refused');
    expect(mintSigningPermit(judgedMessage(TWO_APPROVALS), approvedBy('ann')).kind).toBe('refused');
    expect(mintSigningPermit(judgedMessage(TWO_APPROVALS), approvedBy('ann', 'bob')).kind).toBe('permit');
  });

  it('holds a copy of the judged bytes, and says that they are a message', () => {
    const source = judgedMessage(ALLOW);
    const permit = mint(source);
    source.messageBytes.fill(0xff);
    const first = permitTerms(permit);
    if (first.kind === 'message') first.messageBytes.fill(0xee);
    expect(permitTerms(permit)).toMatchObject({ kind: 'message', messageBytes: new TextEncoder().encode('sign in') });
  });

  it.each([
    ['a wire transaction', buildWire()],
    ['the message of a transaction', buildWire().subarray(65)],
    ['nothing', new Uint8Array()],
    ['more than a message may have', new Uint8Array(4097).fill(0x61)],
  ])('is not given for %s, though the decision is allow', (_case, messageBytes) => {
    const wallet = keyAddress(0);
    expect(mintSigningPermit({ ...judgedMessage(ALLOW), wallet, messageBytes }, null).kind).toBe('refused');
  });
});

function judgedMessage(verdict: Verdict): JudgedMessage {
  const { requestId, wallet, intentDigest, requester, decision } = judged(verdict);
  const messageBytes = new TextEncoder().encode('sign in');
  return { kind: 'message', requestId, wallet, intentDigest, requester, decision, messageBytes };
}

function transactionOf(permit: SigningPermit) {
  const terms = permitTerms(permit);
  if (terms.kind !== 'transaction') throw new Error(terms.kind);
  return terms.transaction;
}

function mint(subject: JudgedSubject): SigningPermit {
  const minting = mintSigningPermit(subject, null);
  if (minting.kind === 'refused') throw new Error(minting.reason);
  return minting.permit;
}

function approvedBy(...approvers: (string | Approver)[]) {
  const people = approvers.map((one) => (typeof one === 'string' ? { id: one, groups: [] } : one));
  return { intentDigest: new Uint8Array(32).fill(9), approvers: people, escalated: false };
}

function judged(verdict: Verdict): JudgedTransaction {
  return {
    kind: 'transaction',
    requestId: 'request',
    wallet: address(WALLET),
    signerIndex: 0,
    feePayer: null,
    intentDigest: new Uint8Array(32).fill(9),
    requester: 'trader',
    decision: { decisionId: 'decision', verdict, bundleRevision: 'r1', inputDigest: new Uint8Array(32) },
    transaction: {
      version: 0,
      size: 200,
      messageBytes: new Uint8Array([1, 2, 3]),
      signatures: [null, new Uint8Array(64).fill(7)],
      header: { requiredSignatures: 2, readonlySigned: 0, readonlyUnsigned: 1 },
      staticAccounts: [address(WALLET), address(OTHER)],
      lifetimeToken: '11111111111111111111111111111111',
      instructions: [],
      lookups: [],
      config: null,
    },
  };
}
