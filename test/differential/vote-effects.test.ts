// Owns the proof that effects of Vote instructions are what the runtime does.
import { AccountRole } from '@solana/kit';
import { describe, expect, it } from 'vitest';
import type { Effects } from '../../gateway/core/effects/effects.ts';
import { CLOCK_SYSVAR } from '../../gateway/core/transaction/programs/program-ids.ts';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';
import { openScene, run, type Scene } from './keeping-scene.ts';
import { createVoteAccount, key, voteInstruction } from './vote-account.ts';

const WALLET = keyAddress(1);
const STRANGER = keyAddress(2);
const VOTE = keyAddress(3);
const { READONLY, READONLY_SIGNER, WRITABLE } = AccountRole;
const AUTHORITY_BYTES = { voter: [0, 0, 0, 0], withdrawer: [1, 0, 0, 0] };

function scene(): Scene {
  const opened = openScene(WALLET, [STRANGER]);
  createVoteAccount(opened, VOTE, WALLET, 500n);
  return opened;
}

const withdraw = (lamports: number, signer = WALLET) =>
  voteInstruction(
    3,
    [
      [VOTE, WRITABLE],
      [STRANGER, WRITABLE],
      [signer, READONLY_SIGNER],
    ],
    [lamports, 0, 0, 0, 0, 0, 0, 0],
  );

const changes = (effects: Effects) => effects.authorityChanges.map(({ kind, to }) => [kind, to]);
const kinds = (effects: Effects) => effects.operations.map(({ kind }) => kind);

describe('Vote', () => {
  it('names who may vote for a new account and withdraw from it', () => {
    const effects = createVoteAccount(openScene(WALLET, [STRANGER]), VOTE, WALLET);
    expect(kinds(effects)).toEqual(['vote_initialize']);
    expect(changes(effects)).toEqual([
      ['vote_identity', WALLET],
      ['vote_voter', WALLET],
      ['vote_withdrawer', WALLET],
    ]);
  });

  it('lets lamports leave the wallet by a withdrawal that it signs, wherever it signs', () => {
    const { effects } = run(scene(), [withdraw(7)]);
    expect(effects.outflowsByRecipient).toEqual([{ asset: 'SOL', recipient: STRANGER, amount: 7n }]);
    expect(kinds(effects)).toEqual(['vote_withdraw']);
    const { accounts = [], ...rest } = withdraw(7, STRANGER);
    const hidden = { ...rest, accounts: [...accounts, { address: WALLET, role: READONLY_SIGNER }] };
    expect(run(scene(), [hidden]).effects.outflowsByRecipient).toEqual([
      { asset: 'SOL', recipient: STRANGER, amount: 7n },
    ]);
  });

  it('gives an authority away, so that a stranger can withdraw afterwards', () => {
    const opened = scene();
    const accounts = [
      [VOTE, WRITABLE],
      [CLOCK_SYSVAR, READONLY],
      [WALLET, READONLY_SIGNER],
    ] as const;
    const authorize = voteInstruction(1, accounts, [...key(STRANGER), ...AUTHORITY_BYTES.withdrawer]);
    const given = run(opened, [authorize]).effects;
    expect(kinds(given)).toEqual(['vote_authorize']);
    expect(changes(given)).toEqual([['vote_withdrawer', STRANGER]]);
    const taken = run(opened, [withdraw(9, STRANGER)], { payer: STRANGER }).effects;
    expect(taken.transfers).toMatchObject([{ sourceOwner: STRANGER, amount: 9n }]);
    expect(taken.outflows).toEqual([]);
  });

  it('gives the authority to vote to a key that signs for it', () => {
    const accounts = [
      [VOTE, WRITABLE],
      [CLOCK_SYSVAR, READONLY],
      [WALLET, READONLY_SIGNER],
      [STRANGER, READONLY_SIGNER],
    ] as const;
    const checked = voteInstruction(7, accounts, AUTHORITY_BYTES.voter);
    expect(changes(run(scene(), [checked]).effects)).toEqual([['vote_voter', STRANGER]]);
  });

  it('names another validator and sets a commission', () => {
    const identity = voteInstruction(4, [
      [VOTE, WRITABLE],
      [STRANGER, READONLY_SIGNER],
      [WALLET, READONLY_SIGNER],
    ]);
    const commission = voteInstruction(
      5,
      [
        [VOTE, WRITABLE],
        [WALLET, READONLY_SIGNER],
      ],
      [100],
    );
    const { effects } = run(scene(), [identity, commission]);
    expect(changes(effects)).toEqual([['vote_identity', STRANGER]]);
    expect(kinds(effects)).toEqual(['vote_update_validator_identity', 'vote_update_commission']);
    expect(effects.transfers).toEqual([]);
  });
});
