import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeBase58 } from '../core/base58.ts';
import type { RequestFilter } from './contract/request-list.ts';
import type { NewRequest, RequestAsk } from './contract/request-store.ts';
import type { State } from './contract/state.ts';
import { openState } from './open-state.ts';
import { sampleWallet } from './testing/sample-principals.ts';
import { sampleApproval, sampleEntry, sampleJudgement, sampleRequest, sampleSigned } from './testing/sample-request.ts';
import { createTestDatabase, type TestDatabase } from './testing/test-database.ts';

let database: TestDatabase;
let state: State;

beforeEach(async () => {
  database = await createTestDatabase();
  state = await openState({ databaseUrl: database.url, instanceId: 'test' });
  await state.wallets.sync([sampleWallet('treasury'), sampleWallet('cold')]);
});

afterEach(async () => {
  await state.close();
  await database.drop();
});

/** An id of that millisecond, as the gateway makes them. */
function idAt(time: number): string {
  const [hex, random] = [time.toString(16).padStart(12, '0'), randomBytes(9).toString('hex')];
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7${random.slice(0, 3)}-8${random.slice(3, 6)}-${random.slice(6)}`;
}

async function open(change: Partial<NewRequest> = {}, ask: Partial<RequestAsk> = {}): Promise<string> {
  const request = sampleRequest({ requestId: idAt(Date.now()), ...change }, ask);
  await state.requests.open(request, sampleEntry('request.signing', request.requestId));
  return request.requestId;
}

describe('what is open', () => {
  it('is counted by state, with those that wait longest, and nothing that is final', async () => {
    const dueAt = Date.now() + 60_000;
    await open({ state: 'DENIED', dueAt: null });
    const first = await open({ dueAt });
    const second = await open({ dueAt });
    await database.run(`UPDATE requests SET updated_at_ms = 5 WHERE request_id = '${second}'`);
    await database.run(`UPDATE requests SET updated_at_ms = 7 WHERE request_id = '${first}'`);
    const { open: found } = await state.status.read();
    expect(found).toEqual([{ state: 'SIGNING', count: 2, oldestAt: 5, oldest: [second, first] }]);
  });

  it('are approvals too, those first whose time ends first', async () => {
    const ids = [];
    for (const expiresAt of [Date.now() + 90_000, Date.now() + 30_000]) {
      const approval = sampleApproval({ expiresAt });
      await open({ state: 'AWAITING_APPROVAL', approval, dueAt: expiresAt });
      ids.push(approval.approvalId);
    }
    const { approvals } = await state.status.read();
    expect(approvals.count).toBe(2);
    expect(approvals.next.map(({ approvalId }) => approvalId)).toEqual(ids.reverse());
  });

  it('tells when a newer gateway migrated the database', async () => {
    const { schema } = await state.status.read();
    expect(schema.found).toBe(schema.known);
    await database.run(
      `INSERT INTO schema_migrations (version, name, checksum) VALUES (${schema.known + 1}, 'x', 'x')`,
    );
    expect((await state.status.read()).schema).toEqual({ found: schema.known + 1, known: schema.known });
  });
});

describe('the list of requests', () => {
  const any: RequestFilter = { agentId: null, walletId: null, states: [], since: null, credential: null };
  const ids = async (filter: Partial<RequestFilter> = {}, limit = 10) =>
    (await state.requests.list({ filter: { ...any, ...filter }, limit, after: null })).map((r) => r.requestId);

  it('begins with the newest, and goes on where a page ended', async () => {
    const made = [
      await open({ requestId: idAt(1_000) }),
      await open({ requestId: idAt(2_000) }),
      await open({ requestId: idAt(3_000) }),
    ];
    expect(await ids()).toEqual(made.toReversed());
    expect(await ids({}, 2)).toEqual([made[2], made[1]]);
    const rest = await state.requests.list({ filter: any, limit: 2, after: made[1] ?? '' });
    expect(rest.map((r) => r.requestId)).toEqual([made[0]]);
  });

  it('has only what was asked for', async () => {
    const one = await open({}, { agentId: 'one', walletId: 'cold' });
    const two = await open({ state: 'DENIED' }, { agentId: 'two' });
    expect(await ids({ agentId: 'one' })).toEqual([one]);
    expect(await ids({ walletId: 'treasury' })).toEqual([two]);
    expect(await ids({ states: ['DENIED'] })).toEqual([two]);
    expect(await ids({ credential: 'nobody' })).toEqual([]);
    await database.run(`UPDATE requests SET created_at_ms = created_at_ms - 60000 WHERE request_id = '${one}'`);
    expect(await ids({ since: Date.now() - 30_000 })).toEqual([two]);
  });

  it.each(['sk_1', 'ak_1', 'forgotten'])(
    'of the key %s has what it asked for, from its first moment on',
    async (credential) => {
      await database.run(`INSERT INTO principals (principal_id, kind, roles, groups) VALUES ('agent-1', 'agent', '{}', '{}');
      INSERT INTO api_keys (key_id, principal_id, secret_hash) VALUES ('ak_1', 'agent-1', sha256('1'));
      INSERT INTO session_keys (key_id, agent_id, secret_hash, lineage, wallets, methods, limits, created_at_ms, expires_at_ms)
        VALUES ('sk_1', 'agent-1', sha256('2'), '{ak_1}', '{treasury}', '{sign}', '[]', clock_ms(), clock_ms() + 60000)`);
      const { decision } = sampleJudgement();
      const by = (key: string) => ({ judgement: sampleJudgement({ decision: { ...decision, credential: key } }) });
      const first = await open(by(credential));
      await open(by('other'));
      // As made by a gateway whose clock is behind the database's.
      const behind = await open({ ...by(credential), requestId: idAt(Date.now() - 60_000) });
      expect(await ids({ credential })).toEqual([first, behind]);
      expect(await ids({ credential, agentId: 'agent-1' })).toEqual([first, behind]);
      expect(await ids({ credential, agentId: 'agent-2' })).toEqual([]);
    },
  );
});

describe('wallets that are compared with the chain', () => {
  it('are handed to one gateway at a time, and again after the interval', async () => {
    const ids = ['cold', 'treasury'];
    const claims = await Promise.all(Array.from({ length: 4 }, () => state.walletChecks.claim(ids, 2, 60_000)));
    expect(
      claims
        .flat()
        .map(({ walletId }) => walletId)
        .sort(),
    ).toEqual(ids);
    expect(await state.walletChecks.claim(ids, 2, 60_000)).toEqual([]);
    await database.run('UPDATE wallet_checks SET due_at_ms = 0');
    expect(await state.walletChecks.claim(ids, 1, 60_000)).toHaveLength(1);
    expect(await state.walletChecks.claim(['treasury', 'nobody'], 5, 60_000).then((all) => all.length)).toBeLessThan(2);
  });

  it('are not waited for while another gateway takes them', async () => {
    await state.walletChecks.claim(['cold', 'treasury'], 2, 0);
    const other = new pg.Client({ connectionString: database.url });
    await other.connect();
    await other.query("BEGIN; SELECT FROM wallet_checks WHERE wallet_id = 'cold' FOR UPDATE");
    const claimed = await state.walletChecks.claim(['cold', 'treasury'], 2, 60_000);
    await other.end();
    expect(claimed.map(({ walletId }) => walletId)).toEqual(['treasury']);
  });

  it('keep how far they were compared, what went wrong, and each foreign transaction once', async () => {
    await state.walletChecks.claim(['cold'], 1, 60_000);
    const audit = sampleEntry('wallet.moved_elsewhere');
    expect(await state.walletChecks.foundForeign('cold', 'one', audit)).toBe(true);
    expect(await state.walletChecks.foundForeign('cold', 'one', audit)).toBe(false);
    await state.walletChecks.failed('cold', 'away');
    expect(await state.walletChecks.list(['cold'])).toMatchObject([
      { checkedAt: null, foreign: 1, foreignSignature: 'one', problem: 'away' },
    ]);
    await state.walletChecks.compared('cold', 'two');
    await state.walletChecks.compared('cold', null);
    expect(await state.walletChecks.list(['cold'])).toMatchObject([
      { checkedAt: expect.any(Number), comparedSignature: 'two', problem: null },
    ]);
  });

  it('know what was signed here, by the signature of the wallet or of the transaction', async () => {
    const requestId = await open();
    const [wallet, transaction] = [signature(), signature()];
    const signed = { ...sampleSigned(requestId), walletSignature: wallet, transactionSignature: transaction };
    await state.requests.advance(signed, sampleEntry('request.signed', requestId));
    expect(await state.walletChecks.known([wallet, transaction, signature()])).toEqual(new Set([wallet, transaction]));
  });
});

function signature(): string {
  return encodeBase58(new Uint8Array(randomBytes(64)));
}
