import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addressFromBytes } from '../../core/base58.ts';
import type { FreezeRecord } from '../../core/controls/freeze.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ManagedWallet, WalletProposal } from '../../core/wallet/managed-wallet.ts';
import { keyPairOfSeed } from '../../pipeline/administration/wallets/key-pair.ts';
import { controlPlane, type Plane } from '../../rpc/testing/planes.ts';
import { WALLET } from '../../rpc/testing/samples.ts';
import { HOT, PROPOSAL_ID, proposalOf, runWallets } from '../testing/wallet-samples.ts';

const RECIPIENT = `age1${'q'.repeat(58)}`;
const PAIR = keyPairOfSeed(new Uint8Array(32).fill(9));
const IMPORTED = addressFromBytes(PAIR.subarray(32));

let plane: Plane;
let folder: string;
let asked: unknown[];
let proposals: WalletProposal[];
let key: ManagedWallet['key'];
let keyProblem: string | null;
let exportFault: GatewayError | null;
let sent: Uint8Array[];
let frozen: readonly FreezeRecord[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-wallets-'));
  [asked, proposals, key, keyProblem, exportFault, sent, frozen] = [[], [], HOT.key, null, null, [], []];
  plane = await controlPlane({
    freezing: { list: async () => frozen },
    managedWallets: {
      listProposals: async ({ open }) => proposals.filter(({ carriedOutAt }) => !open || carriedOutAt === null),
      propose: async (by, { walletId, terms, reason }) => {
        asked.push(['propose', walletId, terms]);
        const proposal = proposalOf({ walletId, terms, reason, proposedBy: by.id }, by.id);
        proposals = [proposal, ...proposals];
        return proposal;
      },
      destroyWallet: async (_, proposalId) => {
        asked.push(['destroy', proposalId]);
        proposals = proposals.map((each) => ({ ...each, carriedOutAt: 5 }));
        const detail = keyProblem === null ? 'gone for good' : null;
        const wallet = { ...HOT, key, state: 'DESTROYED', destroyedAt: 5, keyDestroyedDetail: detail } as const;
        return { wallet, keyProblem };
      },
      exportWallet: async (_, proposalId) => {
        asked.push(['export', proposalId]);
        if (exportFault !== null) throw exportFault;
        return { wallet: HOT, encryptedKey: '-----BEGIN AGE ENCRYPTED FILE-----\n' };
      },
      importWallet: async (_, proposalId, privateKey) => {
        asked.push(['import', proposalId]);
        sent.push(Uint8Array.from(privateKey));
        return { ...HOT, walletId: 'cold-1', key: { address: IMPORTED, reference: {} } };
      },
    },
  });
});

afterEach(async () => {
  await plane.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (...args: readonly string[]) => runWallets(plane, ...args);

describe('countersign wallets destroy', () => {
  it('proposes first, and says who must do what', async () => {
    const proposed = await run('destroy', 'hot-1', '--reason', 'we move');
    expect(proposed).toEqual({
      code: 0,
      err: '',
      out: [
        'proposed: destroy hot-1 (1 of 2 votes, until 2033-05-18T03:33:20.000Z)',
        'nothing is done yet; one other admin must vote for it:',
        `  countersign wallets vote ${PROPOSAL_ID} --reason TEXT`,
        'it must be frozen by then, unless it was never finished:',
        '  countersign freeze wallet hot-1 --reason TEXT',
        'then run this command again, to carry it out',
      ].join('\n'),
    });
    const again = await run('destroy', 'hot-1', '--reason', 'we move');
    expect(again.out).toContain('proposed before, and not agreed yet: destroy hot-1 (1 of 2 votes');
    expect(asked).toEqual([['propose', 'hot-1', { action: 'destroy' }]]);
  });

  it('asks nobody to freeze what is frozen already', async () => {
    const freeze = { freezeId: 'f', reason: 'odd', frozenBy: 'ann', frozenAt: 1, votes: [], lifted: null } as const;
    frozen = [
      { ...freeze, scope: 'agent', target: 'hot-1' },
      { ...freeze, scope: 'wallet', target: 'hot-2' },
    ];
    expect((await run('destroy', 'hot-1', '--reason', 'we move')).out).toContain('countersign freeze wallet hot-1');
    const { out } = await run('destroy', 'hot-2', '--reason', 'we move');
    expect(out).not.toContain('countersign freeze');
    expect(out).toContain('\nit is frozen, and must be so still by then\nthen run this command again');
  });

  it('carries out what is agreed, and tries again what was left', async () => {
    proposals = [proposalOf({}, 'olga', 'otto')];
    keyProblem = 'its key is still there: vault did not destroy it';
    const half = await run('destroy', 'hot-1', '--reason', 'x');
    expect(half.code).toBe(1);
    expect(half.out).toBe(`destroyed: hot-1 (${WALLET}); nothing is signed for it any more, by any gateway`);
    expect(half.err).toContain('countersign: NOT DONE: its key is still there: vault did not destroy it\n');
    keyProblem = null;
    const done = await run('destroy', 'hot-1', '--reason', 'x');
    expect([done.code, done.out]).toEqual([0, expect.stringContaining('its key: gone for good')]);
    expect(asked).toEqual([
      ['destroy', PROPOSAL_ID],
      ['destroy', PROPOSAL_ID],
    ]);
  });

  it('says where a key may be of a wallet that was never finished', async () => {
    proposals = [proposalOf({}, 'olga', 'otto')];
    [key, keyProblem] = [null, 'one labelled hot-1-0123abcd may exist'];
    expect(await run('destroy', 'hot-1', '--reason', 'x')).toEqual({
      code: 1,
      out: 'destroyed: hot-1 (never finished); nothing is signed for it any more, by any gateway',
      err: [
        'countersign: NOT DONE: one labelled hot-1-0123abcd may exist',
        'once you have destroyed it by hand: countersign wallets key-destroyed hot-1 --reason TEXT',
      ].join('\n'),
    });
  });

  it('does not propose what another admin has proposed', async () => {
    proposals = [proposalOf({ proposedBy: 'otto' }, 'otto')];
    const { code, out } = await run('destroy', 'hot-1', '--reason', 'x');
    expect([code, asked]).toEqual([0, []]);
    expect(out).toContain('otto has proposed this already: destroy hot-1 (1 of 2 votes');
    expect(out).toContain(`  countersign wallets vote ${PROPOSAL_ID} --reason TEXT`);
  });
});

describe('countersign wallets export', () => {
  const terms = { action: 'export', recipient: RECIPIENT } as const;
  const exporting = (out: string) => run('export', 'hot-1', '--recipient', RECIPIENT, '--out', out, '--reason', 'x');

  it('writes what is encrypted to a new file of its owner', async () => {
    const file = join(folder, 'hot-1.age');
    expect((await exporting(file)).out).toContain(`proposed: export the key of hot-1 to ${RECIPIENT} (1 of 2 votes`);
    expect(existsSync(file)).toBe(false);
    proposals = [proposalOf({ terms }, 'olga', 'otto')];
    const { code, out } = await exporting(file);
    expect(code).toBe(0);
    expect(out).toContain(`exported: the key of hot-1 (${WALLET}) is in ${file}, encrypted to ${RECIPIENT}`);
    expect(out).toContain(`  age --decrypt --identity IDENTITY-FILE ${file} > key.json`);
    expect(readFileSync(file, 'utf8')).toMatch(/^-----BEGIN AGE/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('overwrites nothing, and leaves no file where nothing came', async () => {
    proposals = [proposalOf({ terms }, 'olga', 'otto')];
    const taken = join(folder, 'taken');
    writeFileSync(taken, 'mine');
    expect(await exporting(taken)).toMatchObject({ code: 2, err: expect.stringContaining('is there already') });
    expect(await exporting(join(folder, 'no', 'folder'))).toMatchObject({ code: 2 });
    expect([readFileSync(taken, 'utf8'), asked]).toEqual(['mine', []]);
    exportFault = new GatewayError('KEY_NOT_EXPORTED', 'no answer');
    const file = join(folder, 'empty');
    expect(await exporting(file)).toMatchObject({
      code: 1,
      err: expect.stringContaining('no answer (KEY_NOT_EXPORTED'),
    });
    expect(existsSync(file)).toBe(false);
  });

  it('that was carried out is had again while its proposal lasts, by who proposed it, and is proposed anew later', async () => {
    const carriedOut = { terms, carriedOutAt: 5 };
    proposals = [proposalOf(carriedOut, 'olga', 'otto')];
    expect((await exporting(join(folder, 'again'))).out).toContain('exported: the key of hot-1');
    expect(asked).toEqual([['export', PROPOSAL_ID]]);
    for (const change of [{ expiresAt: 1_600_000_000_000 }, { proposedBy: 'otto' }]) {
      proposals = [proposalOf({ ...carriedOut, ...change }, 'olga', 'otto')];
      expect((await exporting(join(folder, 'anew'))).out).toContain('proposed: export');
    }
    expect(asked).toHaveLength(3);
  });

  it('is another proposal for another recipient', async () => {
    proposals = [proposalOf({ terms: { ...terms, recipient: `age1${'p'.repeat(58)}` } }, 'olga', 'otto')];
    expect((await exporting(join(folder, 'x'))).out).toContain('proposed: export');
    expect(asked).toEqual([['propose', 'hot-1', terms]]);
  });
});

describe('countersign wallets import', () => {
  const terms = { action: 'import', template: 'hot', address: IMPORTED } as const;
  const importing = (file: string) => run('import', 'cold-1', '--template', 'hot', '--from', file, '--reason', 'x');

  it('sends the key only once its address is agreed', async () => {
    const file = join(folder, 'id.json');
    writeFileSync(file, JSON.stringify([...PAIR]));
    expect((await importing(file)).out).toContain(
      `proposed: import the key of ${IMPORTED} as cold-1, by the template hot`,
    );
    expect([asked, sent]).toEqual([[['propose', 'cold-1', terms]], []]);
    proposals = [proposalOf({ walletId: 'cold-1', terms }, 'olga', 'otto')];
    const { code, out } = await importing(file);
    expect([code, sent]).toEqual([0, [PAIR]]);
    expect(out).toBe(
      `imported: cold-1 (${IMPORTED}), by the template hot\n${file} still holds the key: whoever reads it signs past the gateway`,
    );
  });

  it.each([
    ['that is not there', null, 'cannot be read (ENOENT)'],
    ['of text', 'no key', 'holds no key: expected one of the Solana CLI'],
    ['that does not fit itself', JSON.stringify([...PAIR.slice(0, 63), 1]), 'holds no key'],
    ['that is huge', 'x'.repeat(5000), 'more than 4096 bytes'],
  ])('refuses a file %s, and asks nothing', async (_, text, message) => {
    const file = join(folder, 'id.json');
    if (text !== null) writeFileSync(file, text);
    const { code, err } = await importing(file);
    expect([code, err, asked]).toEqual([2, expect.stringContaining(message), []]);
    expect(err).not.toContain('9,9');
  });
});
