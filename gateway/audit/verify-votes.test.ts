import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { base58FromBytes, publicKeyBytes } from '../../signers/ed25519-key.ts';
import { verifySignature } from '../../signers/verify.ts';
import { voteMessage } from '../core/approval/vote-message.ts';
import type { AuditEntry, AuditKind } from '../core/audit/audit-record.ts';
import { chainOf, each } from './testing/sample-chain.ts';
import { verifyVotes } from './verify-votes.ts';

const APPROVAL = '9d3f6f0a-64c1-4a3b-8f0e-1c2d3e4f5a6b';
const OTHER = '8d3f6f0a-64c1-4a3b-8f0e-1c2d3e4f5a6b';

const { privateKey } = generateKeyPairSync('ed25519');
const KEY = base58FromBytes(publicKeyBytes(privateKey));

function entry(kind: AuditKind, actor: string, facts: AuditEntry['facts']): AuditEntry {
  return { kind, time: 1, requestId: null, actor, facts };
}

interface Cast {
  readonly approvalId: string;
  readonly approver: string;
  readonly approve: boolean;
  readonly comment: string;
  readonly intentSha256: string;
  readonly time: number;
}

const cast: Cast = {
  approvalId: APPROVAL,
  approver: 'ann',
  approve: true,
  comment: 'fine',
  intentSha256: '04'.repeat(32),
  time: 1_700_000_000_000,
};

/** `said`: what stands in the record; `signed`: what was signed. */
function signedVote(said: Partial<Cast> = {}, signed: Partial<Cast> = said, by: KeyObject = privateKey): AuditEntry {
  const { approvalId, approver, approve, comment, intentSha256, time } = { ...cast, ...said };
  const signature = sign(null, voteMessage({ ...cast, ...signed }), by).toString('base64');
  return entry('approval.vote', approver, {
    approval_id: approvalId,
    approve,
    comment,
    intent_sha256: intentSha256,
    signature: { key: KEY, signature, time: BigInt(time) },
  });
}

function vote(approver: string, approve = true): AuditEntry {
  const facts = { approval_id: APPROVAL, approve, comment: '', intent_sha256: cast.intentSha256 };
  return entry('approval.vote', approver, facts);
}

const registered = entry('approver_key.registered', 'root', { principal: 'ann', public_key: KEY });
const revoked = entry('approver_key.revoked', 'root', { public_key: KEY });
const withdrawn = entry('approval.vote_withdrawn', 'ann', { approval_id: APPROVAL });
const signing = (...approvers: string[]) => entry('request.signing', 'gateway', { approval_id: APPROVAL, approvers });

function verify(...entries: readonly AuditEntry[]) {
  return verifyVotes(each(chainOf(entries)), verifySignature);
}

describe('verifyVotes', () => {
  it('counts votes, and those that are signed', async () => {
    expect(await verify(registered, signedVote(), vote('ben'), signing('ann', 'ben'))).toEqual({
      kind: 'intact',
      votes: 2n,
      signed: 1n,
    });
  });

  it('takes what an older gateway recorded, and what needed no approval', async () => {
    const older = entry('request.signing', 'gateway', { approvers: ['ann'] });
    const plain = entry('request.signing', 'trader', {});
    expect(await verify(older, plain)).toMatchObject({ kind: 'intact' });
  });

  it.each<[string, AuditEntry]>([
    ['another approval', signedVote({ approvalId: OTHER }, {})],
    ['another digest', signedVote({ intentSha256: '05'.repeat(32) }, {})],
    ['a rejection', signedVote({ approve: true }, { approve: false })],
    ['other words', signedVote({ comment: 'all of it' }, {})],
    ['another time', signedVote({ time: 5 }, {})],
    ['nothing: it is by another key', signedVote({}, {}, generateKeyPairSync('ed25519').privateKey)],
  ])('finds a signature that is one of %s', async (_, forged) => {
    expect(await verify(registered, forged)).toMatchObject({
      kind: 'broken',
      sequence: 2n,
      reason: expect.stringContaining('is not one of this vote'),
    });
  });

  it('where the beginning was pruned, a key may be of before; its signature must be right all the same', async () => {
    const pruned = (...entries: readonly AuditEntry[]) =>
      verifyVotes(each(chainOf(entries)), verifySignature, { isPruned: true });
    expect(await pruned(signedVote(), signing('ann', 'ben'))).toEqual({ kind: 'intact', votes: 1n, signed: 1n });
    expect(await pruned(signedVote({}, { comment: 'other' }))).toMatchObject({ kind: 'broken', sequence: 1n });
    expect(await pruned(revoked, signedVote())).toMatchObject({ kind: 'broken', sequence: 2n });
    const required = entry('request.approval_required', 'gateway', { approval_id: APPROVAL });
    expect(await pruned(required, vote('ann'), signing('ann'))).toMatchObject({ kind: 'intact' });
    expect(await pruned(required, vote('ann'), signing('ann', 'ben'))).toMatchObject({ kind: 'broken', sequence: 3n });
  });

  it('finds a signature by a key that was not the voter’s then', async () => {
    const reason = expect.stringContaining('no key of theirs');
    expect(await verify(signedVote())).toMatchObject({ kind: 'broken', reason });
    expect(await verify(registered, revoked, signedVote())).toMatchObject({ kind: 'broken', sequence: 3n, reason });
    expect(await verify(registered, signedVote({ approver: 'ben' }))).toMatchObject({ kind: 'broken', reason });
    expect(await verify(registered, signedVote(), revoked)).toMatchObject({ kind: 'intact' });
  });

  it('finds a key of two people', async () => {
    const again = entry('approver_key.registered', 'root', { principal: 'ben', public_key: KEY });
    expect(await verify(registered, again)).toMatchObject({ kind: 'broken', sequence: 2n });
    expect(await verify(registered, revoked, again)).toMatchObject({ kind: 'broken', sequence: 3n });
  });

  it.each<[string, readonly AuditEntry[]]>([
    ['nobody voted', []],
    ['another voted', [vote('ben')]],
    ['they rejected', [vote('ann', false)]],
    ['they turned their vote', [vote('ann'), vote('ann', false)]],
    ['they withdrew', [vote('ann'), withdrawn]],
  ])('finds an approval that is named though %s', async (_, votes) => {
    expect(await verify(...votes, signing('ann'))).toMatchObject({
      kind: 'broken',
      sequence: BigInt(votes.length + 1),
      reason: expect.stringContaining('did not vote for it'),
    });
  });

  it('finds records whose facts are not those of their kind', async () => {
    expect(await verify(entry('approval.vote', 'ann', { approve: true }))).toMatchObject({ kind: 'broken' });
  });
});
