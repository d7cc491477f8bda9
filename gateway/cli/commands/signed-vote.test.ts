import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { base58FromBytes, publicKeyBytes } from '../../../signers/ed25519-key.ts';
import { verifySignature } from '../../../signers/verify.ts';
import { voteMessage } from '../../core/approval/vote-message.ts';
import type { ApprovalPipeline } from '../../pipeline/pipeline-contract.ts';
import { controlPlane, type Plane } from '../../rpc/testing/planes.ts';
import { APPROVAL_ID, OPERATOR, sampleView } from '../../rpc/testing/samples.ts';
import { fakeTerminal } from '../testing/fake-terminal.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const KEY = base58FromBytes(publicKeyBytes(privateKey));

let folder: string;
let plane: Plane;
let apiKey: string;
let votes: Parameters<ApprovalPipeline['vote']>[1][];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'signed-vote-'));
  plane = await controlPlane({
    approvals: {
      getApproval: async () => sampleView(),
      vote: async (_, vote) => {
        votes.push(vote);
        return sampleView();
      },
    },
  });
  apiKey = plane.principals.add({ ...OPERATOR, id: 'olga' });
  writeFileSync(file('solana.json'), JSON.stringify([...seed(privateKey), ...publicKeyBytes(privateKey)]));
  writeFileSync(file('key.pem'), privateKey.export({ format: 'pem', type: 'pkcs8' }));
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  writeFileSync(file('rsa.pem'), rsa.export({ format: 'pem', type: 'pkcs8' }));
  writeFileSync(file('nonsense'), 'hunter2');
});
beforeEach(() => {
  votes = [];
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await plane.close();
});

function file(name: string): string {
  return join(folder, name);
}

function seed(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ format: 'der', type: 'pkcs8' }).subarray(-32));
}

function terminal(env: Readonly<Record<string, string>> = {}) {
  return fakeTerminal({ COUNTERSIGN_CONTROL_ADDRESS: plane.address, COUNTERSIGN_API_KEY: apiKey, ...env });
}

async function isSignedBy(approve: boolean, comment: string): Promise<boolean> {
  const [vote] = votes;
  if (vote?.signature == null) return false;
  const { key, signature, time } = vote.signature;
  const intentSha256 = '04'.repeat(32);
  const messageBytes = voteMessage({ approvalId: APPROVAL_ID, approver: 'olga', approve, comment, intentSha256, time });
  return verifySignature({ address: key, messageBytes, signature });
}

describe('a vote that is signed', () => {
  it.each(['solana.json', 'key.pem'])('by the key in %s is one of exactly this vote by who votes', async (name) => {
    const approve = ['approvals', 'approve', APPROVAL_ID, '--yes', '--comment', 'fine', '--sign-with', file(name)];
    expect(await terminal().run(...approve)).toBe(0);
    expect(votes[0]?.signature?.key).toBe(KEY);
    expect(await isSignedBy(true, 'fine')).toBe(true);
    expect(await isSignedBy(false, 'fine')).toBe(false);
  });

  it('takes the key file from the environment, for a rejection too', async () => {
    const person = terminal({ COUNTERSIGN_APPROVER_KEY_FILE: file('key.pem') });
    expect(await person.run('approvals', 'reject', APPROVAL_ID, '--yes', '--reason', 'no')).toBe(0);
    expect(await isSignedBy(false, 'no')).toBe(true);
  });

  it.each([
    ['rsa.pem', 'holds no Ed25519 key'],
    ['nonsense', 'holds no Ed25519 key'],
    ['nowhere', 'cannot be read (ENOENT)'],
  ])('is not cast with %s', async (name, text) => {
    const person = terminal();
    expect(await person.run('approvals', 'approve', APPROVAL_ID, '--yes', '--sign-with', file(name))).toBe(2);
    expect(person.err.join()).toContain(text);
    expect(person.err.join()).not.toContain('hunter2');
    expect(votes).toEqual([]);
  });
});

it('operators keys show prints the public key of a key file', async () => {
  const person = terminal();
  expect(await person.run('operators', 'keys', 'show', file('solana.json'))).toBe(0);
  expect(person.out).toEqual([KEY]);
});
