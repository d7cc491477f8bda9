import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../../core/errors.ts';
import { classifyMessage } from '../../core/message/classify-message.ts';
import { buildMessagePolicyInput } from '../../core/policy-input/message-input.ts';
import { formatApiKey } from '../../core/principal/api-key.ts';
import { newApiKey } from '../../pipeline/administration/administration.ts';
import type { ApprovalView } from '../../pipeline/outcome.ts';
import { controlPlane, type Plane } from '../../rpc/testing/planes.ts';
import { APPROVAL_ID, OPERATOR, sampleView, WALLET } from '../../rpc/testing/samples.ts';
import { type FakeTerminal, fakeTerminal } from '../testing/fake-terminal.ts';

const DIGEST = '04'.repeat(32);

let plane: Plane;
let shown: ApprovalView;
let votes: unknown[];
let key: string;

beforeEach(async () => {
  votes = [];
  shown = sampleView();
  plane = await controlPlane({
    approvals: {
      listApprovals: async () => [shown],
      getApproval: async (id) => {
        if (id !== APPROVAL_ID) throw new GatewayError('APPROVAL_NOT_FOUND', `there is no approval ${id}`);
        return shown;
      },
      vote: async (operator, vote) => {
        votes.push([operator.id, { ...vote, intentDigest: Buffer.from(vote.intentDigest).toString('hex') }]);
        const { approverId, approve, comment } = { approverId: operator.id, ...vote };
        const cast = { approverId, approve, comment, time: 1, groups: ['finance'], counts: true };
        return { ...sampleView({ votes: [cast] }), standing: { counted: 1, missing: 1, openSeats: [] } };
      },
    },
  });
  key = plane.principals.add({ ...OPERATOR, id: 'olga' });
});
afterEach(() => plane.close());

function terminal(answers: readonly string[] | null = null): FakeTerminal {
  return fakeTerminal({ COUNTERSIGN_CONTROL_ADDRESS: plane.address, COUNTERSIGN_API_KEY: key }, answers);
}

describe('countersign approvals approve', () => {
  it('shows what it is about, asks, and votes for exactly that', async () => {
    const person = terminal(['approve']);
    expect(await person.run('approvals', 'approve', APPROVAL_ID, '--comment', 'checked the invoice')).toBe(0);
    const screen = person.out.join('\n');
    for (const text of [
      'PENDING, expires in 60 min',
      'agent shopper',
      'for wallet       treasury',
      '2 approvals from finance',
      'AMOUNT_NEEDS_APPROVAL (human_approval): more than 1 SOL needs two people',
      '18446744073.709551615 SOL (18446744073709551615 lamports)',
      '1500000 base units of EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v, decimals unknown',
      'AN UNKNOWN OWNER (account 4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T)',
      '36893488147.41910323 SOL (36893488147419103230 lamports)',
      'LETS SPEND',
      'HANDS OVER       close_account',
      'to nobody, for good',
      'NOT KNOWN        mint: the mint could not be read',
      'UNREADABLE instruction of an unknown program',
      "Context: the agent's own words, NOT VERIFIED",
      '  purpose: invoice 17',
      `Digest that a vote is for\n  ${DIGEST}`,
    ]) {
      expect(screen).toContain(text);
    }
    expect(person.asked).toHaveLength(1);
    const vote = {
      approvalId: APPROVAL_ID,
      approve: true,
      intentDigest: DIGEST,
      comment: 'checked the invoice',
      signature: null,
    };
    expect(votes).toEqual([['olga', vote]]);
    expect(person.out.at(-1)).toBe('approved: 1 for, 1 missing; the approval is PENDING');
  });

  it.each(['', 'y', 'yes', 'reject', 'APPROVE'])('does not take %j for a yes', async (answer) => {
    const person = terminal([answer]);
    expect(await person.run('approvals', 'approve', APPROVAL_ID)).toBe(1);
    expect(votes).toEqual([]);
  });

  it('refuses where nobody can be asked, and obeys --yes there', async () => {
    const script = terminal();
    expect(await script.run('approvals', 'approve', APPROVAL_ID)).toBe(2);
    expect(script.err.join()).toContain('nobody can be asked here');
    expect(votes).toEqual([]);
    expect(await terminal().run('approvals', 'approve', APPROVAL_ID, '--yes', '--digest', DIGEST.toUpperCase())).toBe(
      0,
    );
    expect(votes).toHaveLength(1);
  });

  it('takes the digest as the JSON of the approval has it too', async () => {
    const shownAsJson = terminal();
    await shownAsJson.run('approvals', 'show', APPROVAL_ID, '--json');
    const { intentDigest } = JSON.parse(shownAsJson.out.join(''));
    const vote = ['approvals', 'approve', APPROVAL_ID, '--yes', '--digest'];
    expect(await terminal().run(...vote, intentDigest)).toBe(0);
    expect(votes).toHaveLength(1);
    expect(await terminal().run(...vote, Buffer.alloc(32, 5).toString('base64'))).toBe(1);
    expect(votes).toHaveLength(1);
  });

  it('names the option that a choice has for what the other has', async () => {
    const person = terminal();
    expect(await person.run('approvals', 'approve', APPROVAL_ID, '--yes', '--reason', 'x')).toBe(2);
    expect(person.err.join()).toContain('the option is --comment; nothing was voted');
    expect(await person.run('approvals', 'reject', APPROVAL_ID, '--yes', '--comment', 'x')).toBe(2);
    expect(person.err.at(-1)).toContain('the option is --reason');
    expect(votes).toEqual([]);
  });

  it('does not vote when the approval asks for something else than what is pinned', async () => {
    const script = terminal();
    expect(await script.run('approvals', 'approve', APPROVAL_ID, '--yes', '--digest', '05'.repeat(32))).toBe(1);
    expect(script.err.join()).toContain('asks for another digest now');
    expect(await terminal().run('approvals', 'approve', APPROVAL_ID, '--yes', '--digest', '05')).toBe(2);
    expect(votes).toEqual([]);
  });

  it('does not vote for what is decided already', async () => {
    shown = sampleView({ state: 'SUPERSEDED' });
    const script = terminal();
    expect(await script.run('approvals', 'approve', APPROVAL_ID, '--yes')).toBe(1);
    expect(script.err.join()).toContain('the approval is SUPERSEDED');
    expect(votes).toEqual([]);
  });

  it('rejects with the same care', async () => {
    const reject = ['approvals', 'reject', APPROVAL_ID, '--reason', 'who is this?'];
    expect(await terminal(['approve']).run(...reject)).toBe(1);
    expect(votes).toEqual([]);
    expect(await terminal(['reject']).run(...reject)).toBe(0);
    expect(votes).toMatchObject([['olga', { approve: false, intentDigest: DIGEST, comment: 'who is this?' }]]);
  });
});

describe('countersign approvals list and show', () => {
  it('lists what leaves the wallet', async () => {
    const person = terminal();
    expect(await person.run('approvals', 'list', '--state', 'pending', 'approved')).toBe(0);
    expect(person.out[1]).toMatch(/^9d3f6f0a\S+ {2}PENDING {2}shopper {2}treasury {2}36893488147\.41910323 SOL/);
  });

  it('lists how a message begins, and shows all of it, escaped', async () => {
    shown = messageView('Sign in to example.com \u202eand give all\t to me');
    const person = terminal();
    expect(await person.run('approvals', 'list')).toBe(0);
    expect(person.out[1]).toContain('  nothing; message "Sign in to example.com \\u{202e}and give all\\u{9} to…"  ');
    expect(await person.run('approvals', 'show', APPROVAL_ID)).toBe(0);
    expect(person.out.join('\n')).toContain(
      'What it says\n  | Sign in to example.com \\u{202e}and give all\\u{9} to me\nNothing of this changed',
    );
  });

  it('says that nobody can read a message that is no text', async () => {
    shown = messageView('\0\0');
    const person = terminal();
    await person.run('approvals', 'list');
    await person.run('approvals', 'show', APPROVAL_ID);
    expect(person.out[1]).toContain('nothing; message of 2 bytes that are no plain text');
    expect(person.out.join('\n')).toContain('What it says: NOT PLAIN TEXT, nobody can read what is signed');
  });

  it('says when there is nothing', async () => {
    const empty = await controlPlane({ approvals: { listApprovals: async () => [] } });
    try {
      const person = fakeTerminal({
        COUNTERSIGN_CONTROL_ADDRESS: empty.address,
        COUNTERSIGN_API_KEY: empty.principals.add({ ...OPERATOR, id: 'olga' }),
      });
      expect(await person.run('approvals', 'list')).toBe(0);
      expect(await person.run('approvals', 'list', '--state', 'rejected', 'timed_out')).toBe(0);
      expect(person.out).toEqual(['nothing waits for a vote', 'no approval is rejected or timed_out']);
    } finally {
      await empty.close();
    }
  });

  it('shows one as JSON for machines', async () => {
    const script = terminal();
    expect(await script.run('approvals', 'show', APPROVAL_ID, '--json')).toBe(0);
    expect(JSON.parse(script.out.join(''))).toMatchObject({ approvalId: APPROVAL_ID, state: 'APPROVAL_STATE_PENDING' });
  });

  it('says in one sentence what the gateway refused', async () => {
    const person = terminal();
    expect(await person.run('approvals', 'show', APPROVAL_ID.replace('9', '8'))).toBe(1);
    expect(person.err).toEqual([
      'countersign: there is no approval 8d3f6f0a-64c1-4a3b-8f0e-1c2d3e4f5a6b (APPROVAL_NOT_FOUND; trying again does not help)',
    ]);
  });

  it('escapes what an agent could write to fool the screen', async () => {
    const evil = '\u001b[2Jinvoice\r\u202e17\u200b\nDigest that a vote is for';
    shown = {
      ...sampleView(),
      request: { ...shown.request, ask: { ...shown.request.ask, context: { purpose: evil } } },
    };
    const person = terminal();
    await person.run('approvals', 'show', APPROVAL_ID);
    const screen = person.out.join('\n');
    expect(screen).toContain(
      '  purpose: \\u{1b}[2Jinvoice\\u{d}\\u{202e}17\\u{200b}\n         | Digest that a vote is for',
    );
    expect(/[^\P{Cc}\n]|\p{Cf}/u.test(screen)).toBe(false);
  });
});

describe('how the command line calls', () => {
  it.each([
    ['no key', {}, 'no API key'],
    ['a broken key', { COUNTERSIGN_API_KEY: 'hunter2' }, 'does not hold an API key'],
    [
      'a key file that is not there',
      { COUNTERSIGN_API_KEY_FILE: '/nowhere/key' },
      'the API key file /nowhere/key cannot be read (ENOENT)',
    ],
  ])('refuses %s as wrong usage, without showing it', async (_name, env, text) => {
    const person = fakeTerminal({ COUNTERSIGN_CONTROL_ADDRESS: plane.address, ...env });
    expect(await person.run('approvals', 'list')).toBe(2);
    expect(person.err.join()).toContain(text);
    expect(person.err.join()).not.toContain('hunter2');
  });

  it('says what an unknown key gets', async () => {
    const env = { COUNTERSIGN_CONTROL_ADDRESS: plane.address, COUNTERSIGN_API_KEY: formatApiKey(newApiKey()) };
    const person = fakeTerminal(env);
    expect(await person.run('approvals', 'list')).toBe(1);
    expect(person.err.join()).toContain('CREDENTIALS_INVALID; trying again does not help');
  });

  it('says that no gateway answers, and where', async () => {
    const person = fakeTerminal({ COUNTERSIGN_API_KEY: key });
    expect(await person.run('approvals', 'list', '--address', '127.0.0.1:1')).toBe(1);
    expect(person.err.join()).toContain('the gateway cannot be reached at 127.0.0.1:1: ');
    expect(await person.run('freeze', 'all', '--reason', 'x', '--address', '127.0.0.1:1')).toBe(1);
    expect(person.err.at(-1)).toContain('no answer from the gateway at 127.0.0.1:1: ');
  });

  it('says that a call may have happened only of one that changes something', async () => {
    const away = () => Promise.reject(new GatewayError('STORE_UNAVAILABLE', 'connect ECONNREFUSED 127.0.0.1:5432'));
    const broken = await controlPlane({ approvals: { listApprovals: away }, freezing: { freeze: away } });
    const env = { COUNTERSIGN_CONTROL_ADDRESS: broken.address, COUNTERSIGN_API_KEY: broken.principals.add(OPERATOR) };
    const person = fakeTerminal(env);
    try {
      expect(await person.run('approvals', 'list')).toBe(1);
      expect(await person.run('freeze', 'all', '--reason', 'x')).toBe(1);
    } finally {
      await broken.close();
    }
    const why = 'countersign: connect ECONNREFUSED 127.0.0.1:5432 (STORE_UNAVAILABLE; it may';
    expect(person.err).toEqual([`${why} be tried again)`, `${why} have happened: look before trying again)`]);
  });

  it.each([
    [['nonsense']],
    [['approvals', 'approve']],
    [['approvals', 'reject', APPROVAL_ID]],
    [['approvals', 'watch', '--after', 'x']],
    [['approvals', 'list', '--state', 'maybe']],
    [['keys', 'create']],
  ])('ends %j with exit code 2', async (args) => {
    expect(await terminal().run(...args)).toBe(2);
  });

  it('ends --help with exit code 0', async () => {
    expect(await terminal().run('approvals', '--help')).toBe(0);
  });
});

/** An approval of a message, as the gateway would show it. */
function messageView(text: string): ApprovalView {
  const bytes = new TextEncoder().encode(text);
  const classified = classifyMessage(bytes, WALLET);
  if (classified.kind !== 'message') throw new Error(classified.kind);
  const { facts } = classified;
  const view = sampleView();
  const { ask, judgement } = view.request;
  const request = {
    ...view.request,
    ask: { ...ask, received: bytes },
    judgement: { ...judgement, transaction: bytes },
  };
  const policyInput = buildMessagePolicyInput({
    request: { id: request.requestId, method: 'sign_message', time: 0, localTimes: {} },
    agent: { kind: 'agent', id: ask.agentId, wallets: [] },
    wallet: { id: ask.walletId, address: WALLET },
    message: facts,
    context: {},
  });
  return { ...view, request, transaction: null, effects: null, message: facts, policyInput };
}
