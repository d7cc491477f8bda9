// A gateway whose secrets come late: it starts, says which are missing, serves the others, and goes on by itself once they are there.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OperationsService } from '../../proto/gen/countersign/v1/operations_pb.ts';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { ManagedWalletState, WalletService } from '../../proto/gen/countersign/v1/wallet_pb.ts';
import { createKeystore } from '../../signers/local-keypair/create-keystore.ts';
import { solTransfer } from '../../tour/transactions.ts';
import { sendAs, signAs } from './agent-calls.ts';
import { startTestGateway, type TestGateway } from './gateway-fixture.ts';

const ALLOWANCE = { max_per_transaction: '0.01 SOL', per_agent_per_day: '1 SOL', per_day: '2 SOL' };
const PASSPHRASE = 'correct horse battery staple';
const { checkSigners, checkRelayers, getStatus, listWalletStates } = OperationsService.method;
const { listWallets, listTransactions } = SigningService.method;
const { createWallet } = WalletService.method;

let folder: string;
let gateway: TestGateway;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-late-'));
  const file = (name: string) => join(folder, name);
  await keystore('late.json');
  const secret = { passphrase_file: file('passphrase') };
  gateway = await startTestGateway({
    config: ({ signers, relayers, wallets }) => ({
      signers: [
        ...signers,
        ...['late', 'lost', 'gas'].map((name) => ({
          ...{ name: `${name}-key`, type: 'local-keypair', keystore_file: file(`${name}.json`) },
          ...secret,
        })),
      ],
      relayers: [
        ...relayers,
        { name: 'station', type: 'sponsor', signer: 'gas-key', relayer: 'local', ...ALLOWANCE },
        { name: 'hidden', type: 'rpc', url_file: file('url') },
        { name: 'paid', type: 'kora', urls: ['http://127.0.0.1:1'], relayer: 'local', api_key_file: file('api-key') },
      ],
      wallets: [
        ...wallets.map((wallet) => ({ ...wallet, relayer: 'hidden' })),
        { id: 'late', signer: 'late-key', relayer: 'hidden' },
        { id: 'lost', signer: 'lost-key', relayer: 'station' },
      ],
      wallet_templates: [{ name: 'late', type: 'local-keypair', relayer: 'local', signer: secret }],
    }),
  });
});

afterAll(async () => {
  await gateway.stop();
  await rm(folder, { recursive: true, force: true });
});

it('starts not ready, names each part with the key of its entry, and signs for wallets that lack nothing', async () => {
  const absent = (name: string) => `${join(folder, name)} cannot be found (ENOENT)`;
  const missing = (name: string) => `${join(folder, name)} cannot be read (ENOENT)`;
  expect(await readiness()).toEqual({
    status: 503,
    failing: [
      { part: 'signer late-key', detail: `passphrase_file: ${missing('passphrase')}` },
      { part: 'signer lost-key', detail: `keystore_file: ${absent('lost.json')}` },
      { part: 'signer gas-key', detail: `keystore_file: ${absent('gas.json')}` },
      { part: 'relayer hidden', detail: `url_file: ${missing('url')}` },
      { part: 'relayer paid', detail: `api_key_file: ${missing('api-key')}` },
      { part: 'wallet template late', detail: `signer.passphrase_file: ${missing('passphrase')}` },
    ],
  });
  expect((await signAs(gateway, payment(1n))).outcome.case).toBe('signed');
  await expect(make('hot-1')).rejects.toMatchObject({ reason: 'KEY_UNAVAILABLE' });
  expect(await notOpen()).toEqual(['relayer hidden', 'relayer paid', 'wallet template late']);
});

it('signs nothing that it could not send', async () => {
  await expect(sendAs(gateway, payment(2n))).rejects.toMatchObject({
    status: 'UNAVAILABLE',
    reason: 'RELAYER_UNAVAILABLE',
    message: expect.stringContaining(
      `the relayer hidden is unavailable: ${join(folder, 'url')} cannot be read (ENOENT)`,
    ),
  });
  expect((await gateway.agent.unary(listTransactions, {})).requests).toHaveLength(1);
});

it('is ready by itself once they are there, and works with what came', async () => {
  const { address: lost } = await keystore('lost.json');
  const { address: gas } = await keystore('gas.json');
  await writeFile(join(folder, 'passphrase'), PASSPHRASE, { mode: 0o600 });
  await writeFile(join(folder, 'url'), gateway.environment.localnet.rpcUrl, { mode: 0o600 });
  await writeFile(join(folder, 'api-key'), 'a-key-of-the-kora', { mode: 0o600 });
  // Else within 30 s.
  for (const signer of ['late-key', 'lost-key', 'gas-key']) {
    const { checks } = await gateway.operator.unary(checkSigners, { signer });
    expect(checks).toMatchObject([{ ready: true, detail: 'the keystore is open' }]);
  }
  await expect.poll(readiness, { timeout: 15_000 }).toEqual({ status: 200, failing: [] });
  const relayers = await gateway.operator.unary(checkRelayers, {});
  expect(relayers.checks).toMatchObject([
    { name: 'hidden', ready: true },
    { name: 'local', ready: true },
    { name: 'paid', ready: false, field: 'urls' },
    { name: 'station', address: gas, ready: false, detail: expect.stringContaining('holds nothing to pay with') },
  ]);
  await servesLate(lost, gas);
  expect((await sendAs(gateway, payment(2n))).outcome.case).toBe('submitted');
  expect((await make('hot-1')).wallet?.state).toBe(ManagedWalletState.ACTIVE);
  expect(await notOpen()).toEqual([]);
});

function payment(lamports: bigint) {
  const { wallet, recipient } = gateway.environment;
  return solTransfer(wallet.address, recipient, lamports);
}

/** The wallet whose address nobody knew, and who pays for it. */
async function servesLate(wallet: string, feePayer: string): Promise<void> {
  const { wallets } = await gateway.operator.unary(listWalletStates, { balances: false });
  const [, found] = wallets;
  expect(found).toMatchObject({ wallet: 'lost', address: wallet, notServed: '', signer: 'lost-key' });
  const agent = await gateway.newAgent('late-agent', ['lost']);
  const listed = (await agent.unary(listWallets, {})).wallets;
  expect(listed).toMatchObject([{ wallet: 'lost', address: wallet, feePayer }]);
}

function keystore(name: string) {
  return createKeystore({ path: join(folder, name), passphrase: PASSPHRASE, scryptCost: 2 ** 14 });
}

function make(wallet: string) {
  return gateway.operator.unary(createWallet, { wallet, template: 'late' });
}

async function readiness(): Promise<{ readonly status: number; readonly failing: unknown }> {
  const answer = await fetch(`http://${gateway.environment.gateway.http}/readyz`);
  const { failing }: { readonly failing?: unknown } = JSON.parse(await answer.text());
  return { status: answer.status, failing };
}

/** What doctor says is not open. */
async function notOpen(): Promise<readonly string[]> {
  const { findings } = await gateway.operator.unary(getStatus, {});
  return findings.filter(({ code }) => code === 'NOT_OPEN').flatMap(({ subjects }) => subjects);
}
