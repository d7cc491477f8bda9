// Proves what a gateway leaves that is killed while a remote signer is asked: the next one keeps what is reserved until the chain tells, though
// the wallet's key is in its own process by then.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { CanonicalValue } from '../../gateway/core/canonical-json.ts';
import { buildBundle } from '../../gateway/policy/build/build-bundle.ts';
import type { State } from '../../gateway/state/contract/state.ts';
import { openState } from '../../gateway/state/open-state.ts';
import { SigningService, WaitFor } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { RequestState } from '../../proto/gen/countersign/v1/transaction_pb.ts';
import { rawCall } from '../../relayer/localnet/testing/raw-rpc.ts';
import { AGENT, developmentPolicyData, WALLET } from '../../scripts/dev/policy-data.ts';
import { createKeystore } from '../../signers/local-keypair/create-keystore.ts';
import { solTransfer } from '../../tour/transactions.ts';
import { type FakePrivy, startFakePrivy } from '../fakes/privy/fake-privy.ts';
import { startTestGateway, type TestGateway } from './gateway-fixture.ts';
import { type GatewayProcess, startGatewayProcess } from './gateway-processes.ts';
import { lookNow } from './look-now.ts';

const { signAndSendTransaction, getTransaction } = SigningService.method;
const WITHIN = { timeout: 20_000, interval: 100 };

let folder: string;
let privy: FakePrivy;
let fixture: TestGateway;
let state: State;
let recovered: GatewayProcess | null = null;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-lost-'));
  privy = await startFakePrivy();
  const secretFile = join(folder, 'secret');
  await writeFile(secretFile, `${privy.appSecret()}\n`, { mode: 0o600 });
  const signer = {
    name: 'treasury-key',
    type: 'privy',
    url: privy.url,
    app_id: privy.appId,
    wallet_id: privy.walletId,
  };
  fixture = await startTestGateway({
    config: {
      signers: [{ ...signer, address: privy.address, app_secret_file: secretFile }],
      limits: { signer_timeout_ms: 1_000 },
    },
  });
  await fixture.environment.gateway.stop();
  await buildBundle({ data: limited(fixture), outDir: join(fixture.environment.directory, 'bundle') });
  state = await openState({ databaseUrl: fixture.databaseUrl, instanceId: 'test' });
});

afterAll(async () => {
  await recovered?.kill();
  await state?.close();
  await fixture?.stop();
  await privy?.close();
  await rm(folder, { recursive: true, force: true });
});

it('is INDETERMINATE, keeps what it has reserved, and is EXPIRED when it can land no more', async () => {
  const killed = await startGatewayProcess(fixture);
  await privy.misbehave('hangs', Number.POSITIVE_INFINITY);
  const answer = killed.agent.unary(signAndSendTransaction, ask()).catch(() => null);
  await expect.poll(privy.signCalls, WITHIN).toBeGreaterThan(0);
  await killed.kill();
  await answer;
  await privy.misbehave(null);
  const { requestId } = await recorded();
  expect((await recorded()).state).toBe('SIGNING');
  await moveKeyIntoFile();

  const next = await startGatewayProcess(fixture);
  recovered = next;
  await expect.poll(async () => (await recorded()).state, WITHIN).toBe('INDETERMINATE');
  const { request } = await next.agent.unary(getTransaction, { requestId });
  expect(request).toMatchObject({
    state: RequestState.INDETERMINATE,
    error: expect.stringContaining('SIGNING_UNKNOWN'),
  });
  const made = privy.signatures();
  const again = next.agent.unary(signAndSendTransaction, ask());
  await expect(again).rejects.toMatchObject({ reason: 'SIGNING_UNKNOWN', retry: 'ambiguous' });
  expect(privy.signatures()).toBe(made);
  expect((await state.reservations.open()).count).toBeGreaterThan(0);

  await rawCall(fixture.environment.localnet.rpcUrl, 'localnet_advanceSlots', [500]);
  await lookNow(fixture.databaseUrl);
  await expect.poll(async () => (await recorded()).state, WITHIN).toBe('EXPIRED');
  expect((await state.reservations.open()).count).toBe(0);
});

/** What the service gave out, an operator keeps in a keystore of the gateway from now on. */
async function moveKeyIntoFile(): Promise<void> {
  const { d = '', x = '' } = privy.wallets.find(privy.walletId)?.keys.key.export({ format: 'jwk' }) ?? {};
  const importFrom = Buffer.concat([d, x].map((half) => Buffer.from(half, 'base64url')));
  const [keystore, passphrase] = [join(folder, 'treasury.json'), 'correct horse battery'];
  const { address } = await createKeystore({ path: keystore, passphrase, importFrom, scryptCost: 2 ** 14 });
  expect(address).toBe(privy.address);
  const passphraseFile = join(folder, 'passphrase');
  await writeFile(passphraseFile, passphrase, { mode: 0o600 });
  const signer = { type: 'local-keypair', keystore_file: keystore, passphrase_file: passphraseFile };
  const { configFile } = fixture.environment;
  const config = parse(await readFile(configFile, 'utf8'));
  await writeFile(configFile, stringify({ ...config, signers: [{ name: 'treasury-key', ...signer }] }));
}

/** With one limit over time, of which there is plenty. */
function limited({ environment: { recipient, token } }: TestGateway): CanonicalValue {
  const base = developmentPolicyData({ recipient, mint: token.address }).agents[AGENT].wallets[WALLET];
  const outflow = [{ max: 10n ** 15n, scope: 'wallet', lifetime: true }];
  const rules = { ...base, spending_limit: { ...base.spending_limit, per_window: { SOL: outflow } } };
  return { agents: { [AGENT]: { wallets: { [WALLET]: rules } } } };
}

function ask() {
  const { wallet, recipient } = fixture.environment;
  return {
    wallet: wallet.id,
    transaction: solTransfer(wallet.address, recipient, 4_321n),
    setFreshBlockhash: true,
    idempotencyKey: 'lost',
    waitFor: WaitFor.FINALIZED,
  };
}

async function recorded() {
  const request = await state.requests.findByIdempotencyKey('trader', 'lost');
  if (request === null) throw new Error('the request is not recorded');
  return request;
}
