// Owns the proof that the recorded exchanges, which the fake Kora is held to, are those of the real one as it is today.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSolanaRpc } from '@solana/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { airdrop } from '../../relayer/localnet/confirmed-sends.ts';
import { type Localnet, startLocalnet } from '../../relayer/localnet/localnet.ts';
import { CASES, type Exchange, exchangeAll } from './exchanges.ts';
import { type RealKora, startRealKora } from './real-kora.ts';
import { replyOfFake } from './replay.ts';
import { API_KEY, FEE_PAYER, FEE_PAYER_SEED, HMAC_SECRET, keyPairBytes, RECIPIENT, WALLET } from './scene.ts';

const RECORDED = join(import.meta.dirname, '../fakes/kora/exchanges.json');

let localnet: Localnet;
let kora: RealKora;
let exchanges: readonly Exchange[];

beforeAll(async () => {
  localnet = await startLocalnet({ slotMilliseconds: 50 });
  const { rpcUrl } = localnet;
  const rpc = createSolanaRpc(rpcUrl);
  await Promise.all([FEE_PAYER, WALLET, RECIPIENT].map((address) => airdrop(rpcUrl, address, 1_000_000_000n)));
  kora = await startRealKora({
    rpcUrl,
    feePayerKey: keyPairBytes(FEE_PAYER_SEED),
    apiKey: API_KEY,
    hmacSecret: HMAC_SECRET,
  });
  exchanges = await exchangeAll(kora.url, async () => (await rpc.getLatestBlockhash().send()).value.blockhash);
  if (process.env.KORA_RECORD === '1') writeFileSync(RECORDED, `${JSON.stringify(exchanges, null, 2)}\n`);
});

afterAll(async () => {
  await kora?.kill();
  await localnet?.stop();
});

describe.each(CASES.map(({ name }) => name))('a real Kora: %s', (name) => {
  it('replies as the fake does', async () => {
    const exchange = named(exchanges, name);
    expect(await replyOfFake(exchange)).toEqual(exchange.reply);
  });

  it('replies as it was recorded', () => {
    const recorded: readonly Exchange[] = JSON.parse(readFileSync(RECORDED, 'utf8'));
    expect(comparable(named(exchanges, name))).toEqual(comparable(named(recorded, name)));
  });
});

function named(all: readonly Exchange[], name: string): Exchange {
  const found = all.find((exchange) => exchange.name === name);
  if (found === undefined)
    throw new Error(`there is no exchange ${name}; record anew with KORA_RECORD=1 make test-kora`);
  return found;
}

/** Signed transactions differ by their blockhash. */
function comparable({ simulation, reply }: Exchange) {
  const body = reply.body.replace(/"signed_transaction":"[^"]+"/, '"signed_transaction":"…"');
  return { simulation, reply: { ...reply, body } };
}
