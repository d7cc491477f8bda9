// Old audit records are exported, verified and removed at a running gateway, and the chain can still be verified.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fakeTerminal } from '../../gateway/cli/testing/fake-terminal.ts';
import { AdminService } from '../../proto/gen/countersign/v1/admin_pb.ts';
import { AuditService } from '../../proto/gen/countersign/v1/audit_pb.ts';
import { solTransfer } from '../../tour/transactions.ts';
import { signAs } from './agent-calls.ts';
import { startTestGateway, type TestGateway } from './gateway-fixture.ts';

let fixture: TestGateway;
let folder: string;

beforeAll(async () => {
  fixture = await startTestGateway();
  folder = await mkdtemp(join(tmpdir(), 'countersign-pruning-'));
});

afterAll(async () => {
  await fixture.stop();
  await rm(folder, { recursive: true });
});

async function audit(...args: readonly string[]) {
  const { gateway, operatorKeyFile } = fixture.environment;
  const terminal = fakeTerminal({});
  const to = ['--address', gateway.controlPlane, '--key-file', operatorKeyFile];
  const code = await terminal.run('audit', ...args, ...(args.includes('--database') ? [] : to));
  return { code, out: terminal.out.join('\n'), err: terminal.err.join('\n') };
}

async function transfer(lamports: bigint): Promise<void> {
  const { outcome } = await signAs(
    fixture,
    solTransfer(fixture.environment.wallet.address, fixture.environment.recipient, lamports),
  );
  expect(outcome.case).toBe('signed');
}

it('what an export holds is removed, once the export is verified; what is left, and both together, verify', async () => {
  await transfer(1_000n);
  const [old, recent] = [join(folder, 'old.jsonl'), join(folder, 'new.jsonl')];
  expect((await audit('export', '--output', old)).code).toBe(0);
  await transfer(1_001n);
  const before = await audit('verify');
  const pruned = await audit('prune', '--export', old);
  expect(pruned).toMatchObject({ code: 0, out: expect.stringContaining('pruned: the chain begins after') });
  const noted = /^head: {3}(.*)$/m.exec(before.out)?.[1] ?? '';
  const over = await audit('verify', '--head', noted);
  expect(over).toMatchObject({ code: 0, out: expect.stringMatching(/^begins: after [0-9]+:[0-9a-f]{64}; what was/m) });
  expect((await audit('verify', '--database', fixture.databaseUrl)).out).toMatch(/^begins: after/m);
  expect((await audit('export', '--output', recent)).code).toBe(0);
  expect((await audit('verify', '--export', recent)).out).toContain('BROKEN');
  const anchor = /^begins: after ([^;]*);/m.exec(over.out)?.[1] ?? '';
  expect((await audit('verify', '--export', recent, '--after', anchor)).code).toBe(0);
  const whole = await audit('verify', '--export', old, recent);
  expect(whole).toMatchObject({ code: 0, out: expect.stringContaining('2 signatures, each with its intent') });
  expect(await audit('prune', '--export', old)).toMatchObject({ code: 1 });
});

it('is for admins, with the hash of the record', async () => {
  const { head } = await fixture.operator.unary(AuditService.method.getCheckpoint, {});
  const { pruneAuditRecords } = AdminService.method;
  const asked = { throughSequence: head?.sequence ?? 0n, hash: new Uint8Array(32) };
  await expect(fixture.operator.unary(pruneAuditRecords, asked)).rejects.toMatchObject({ reason: 'INVALID_FIELD' });
  const far = { ...asked, throughSequence: 1_000_000n };
  await expect(fixture.operator.unary(pruneAuditRecords, far)).rejects.toMatchObject({
    reason: 'AUDIT_RECORD_NOT_FOUND',
  });
  expect(await audit('verify')).toMatchObject({ code: 0 });
});
