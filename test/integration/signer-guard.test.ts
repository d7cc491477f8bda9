// Owns the proof that the guard stands round remote signers of a whole gateway: one that keeps failing is left alone, and those who
// would wait too long for one are told so.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { solTransfer } from '../../tour/transactions.ts';
import { type FakeTurnkey, startFakeTurnkey } from '../fakes/turnkey/fake-turnkey.ts';
import { signAs } from './agent-calls.ts';
import { startTestGateway, type TestGateway } from './gateway-fixture.ts';

const FAILURES_THAT_OPEN = 5;

let folder: string;
let service: FakeTurnkey;
let gateway: TestGateway;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-guard-'));
  service = await startFakeTurnkey();
  const { url, organizationId, subOrganizationId, address } = service;
  const secretFile = join(folder, 'secret');
  await writeFile(secretFile, service.newApiKey(subOrganizationId), { mode: 0o600 });
  const signer = {
    name: 'treasury-key',
    type: 'turnkey',
    address,
    url,
    organization_id: organizationId,
    sub_organization_id: subOrganizationId,
    api_private_key_file: secretFile,
    max_in_flight: 1,
    max_waiting: 1,
  };
  gateway = await startTestGateway({ config: { signers: [signer], limits: { signer_timeout_ms: 20_000 } } });
});
afterAll(async () => {
  await gateway.stop();
  await service.close();
  await rm(folder, { recursive: true, force: true });
});

let amount = 1_000n;
function transfer(): Uint8Array {
  const { wallet, recipient } = gateway.environment;
  amount += 1n;
  return solTransfer(wallet.address, recipient, amount);
}

async function metric(name: string): Promise<string | undefined> {
  const text = await (await fetch(`http://${gateway.environment.gateway.http}/metrics`)).text();
  return new RegExp(`^countersign_signer_${name}{signer="treasury-key",backend="turnkey"} (.*)$`, 'm').exec(text)?.[1];
}

it('answers RESOURCE_EXHAUSTED where too many wait for the signer, and signs for who waits in turn', async () => {
  await service.misbehave('hangs', 1);
  const leaving = new AbortController();
  const request = { wallet: 'treasury', transaction: transfer(), setFreshBlockhash: true };
  const first = gateway.agent.unary(SigningService.method.signTransaction, request, { signal: leaving.signal });
  const left = expect(first).rejects.toThrow();
  await vi.waitFor(async () => expect(await metric('calls_in_flight')).toBe('1'));
  const second = signAs(gateway, transfer());
  await vi.waitFor(async () => expect(await metric('calls_waiting')).toBe('1'));
  await expect(signAs(gateway, transfer())).rejects.toThrow(
    /has too much to do: it has room for 1 at once, and 1 wait already/,
  );
  leaving.abort();
  await left;
  expect((await second).outcome.case).toBe('signed');
  await vi.waitFor(async () => expect(await metric('calls_in_flight')).toBe('0'));
});

it('asks a signer that keeps failing no more, says so, and goes on with what needs none', async () => {
  await service.misbehave('server_error', Number.POSITIVE_INFINITY);
  const before = service.signCalls();
  for (let call = 0; call < FAILURES_THAT_OPEN; call++) await expect(signAs(gateway, transfer())).rejects.toThrow();
  expect(service.signCalls() - before).toBe(FAILURES_THAT_OPEN);
  await expect(signAs(gateway, transfer())).rejects.toThrow(/left alone for a while; nothing was signed/);
  expect(service.signCalls() - before).toBe(FAILURES_THAT_OPEN);
  expect(await metric('breaker_state')).toBe('2');
  const request = { wallet: 'treasury', transaction: transfer() };
  await expect(gateway.agent.unary(SigningService.method.evaluateTransaction, request)).resolves.toBeDefined();
});
