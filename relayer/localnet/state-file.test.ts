// Proves that a local chain answers about what landed after a restart as it did before, or says from which slot on it can.
import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSolanaRpc, type KeyPairSigner } from '@solana/kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Localnet, startLocalnet } from './localnet.ts';
import { preflightError, rawCall, sendRaw } from './testing/raw-rpc.ts';
import { fundedSigner, signedWith, transferInstruction, wireOf } from './testing/signed-transaction.ts';

const started: Localnet[] = [];
let folder: string;
let stateFile: string;
let warnings: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'localnet-'));
  stateFile = join(folder, 'state');
  warnings = [];
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((localnet) => localnet.stop()));
  rmSync(folder, { recursive: true });
});

async function start(): Promise<Localnet> {
  const onWarning = (warning: string): void => {
    warnings.push(warning);
  };
  const localnet = await startLocalnet({ slotMilliseconds: 50, stateFile, onWarning });
  started.push(localnet);
  return localnet;
}

const WHOLE = { encoding: 'base64', commitment: 'processed', maxSupportedTransactionVersion: 0 };

async function pay(localnet: Localnet, payer: KeyPairSigner, lamports: bigint) {
  const { value: lifetime } = await createSolanaRpc(localnet.rpcUrl).getLatestBlockhash().send();
  const wire = wireOf(await signedWith(0, payer, lifetime, [transferInstruction(payer, payer.address, lamports)]));
  const { result } = await sendRaw(localnet.rpcUrl, wire);
  return { wire, signature: String(result) };
}

const resultOf = async ({ rpcUrl }: Localnet, method: string, params: readonly unknown[]) =>
  (await rawCall(rpcUrl, method, params)).result;

/** What the chain answers of one payment, and of whoever made it. */
async function answers(localnet: Localnet, payer: KeyPairSigner, signature: string) {
  return {
    transaction: await resultOf(localnet, 'getTransaction', [signature, WHOLE]),
    listed: await resultOf(localnet, 'getSignaturesForAddress', [payer.address]),
    from: await resultOf(localnet, 'getFirstAvailableBlock', []),
  };
}

describe('after a restart', () => {
  it('what landed is answered as before, over several restarts', async () => {
    const first = await start();
    const payer = await fundedSigner(first.rpcUrl);
    const early = await pay(first, payer, 1n);
    await rawCall(first.rpcUrl, 'localnet_advanceSlots', [50]);
    const before = await answers(first, payer, early.signature);
    expect(before).toMatchObject({
      transaction: { meta: { fee: 5_000 } },
      listed: [{ signature: early.signature }],
      from: 0,
    });
    await first.stop();
    const second = await start();
    expect(await answers(second, payer, early.signature)).toEqual(before);
    const late = await pay(second, payer, 2n);
    await rawCall(second.rpcUrl, 'localnet_advanceSlots', [50]);
    await second.stop();
    const third = await start();
    expect((await answers(third, payer, early.signature)).transaction).toEqual(before.transaction);
    expect((await answers(third, payer, late.signature)).listed).toMatchObject(
      [late, early].map(({ signature }) => ({ signature })),
    );
    expect(warnings).toEqual([]);
  });

  it('what was forgotten stays so, and is not claimed; what it named as blockhash does not land again', async () => {
    const first = await start();
    const payer = await fundedSigner(first.rpcUrl);
    const { wire, signature } = await pay(first, payer, 1n);
    await rawCall(first.rpcUrl, 'localnet_advanceSlots', [50]);
    const from = await resultOf(first, 'localnet_pruneHistory', []);
    await first.stop();
    const second = await start();
    expect(await answers(second, payer, signature)).toEqual({ transaction: null, listed: [], from });
    expect(preflightError(await sendRaw(second.rpcUrl, wire))).toBe('BlockhashNotFound');
  });

  it('what stands behind the end that the state file names does not count', async () => {
    const first = await start();
    const payer = await fundedSigner(first.rpcUrl);
    const { signature } = await pay(first, payer, 1n);
    await rawCall(first.rpcUrl, 'localnet_advanceSlots', [50]);
    await first.stop();
    appendFileSync(`${stateFile}.landed-1`, '{"signature":"torn');
    const second = await start();
    expect((await answers(second, payer, signature)).listed).toHaveLength(1);
    const { signature: next } = await pay(second, payer, 2n);
    await second.stop();
    const third = await start();
    expect((await answers(third, payer, next)).transaction).not.toBeNull();
    expect(warnings).toEqual([]);
  });
});

describe('a state file', () => {
  it.each([
    ['is cut', () => truncateSync(stateFile, 5_000)],
    [
      'was changed in its description',
      () => writeFileSync(stateFile, readFileSync(stateFile, 'latin1').replace('"slot":', '"slot":1'), 'latin1'),
    ],
    ['has a journal that is cut', () => truncateSync(`${stateFile}.landed-1`, 100)],
    ['has no journal', () => rmSync(`${stateFile}.landed-1`)],
  ])('that %s is moved away with all that belongs to it, and says so', async (_what, damage) => {
    const first = await start();
    const payer = await fundedSigner(first.rpcUrl);
    await first.stop();
    damage();
    const second = await start();
    expect(await resultOf(second, 'getBalance', [payer.address])).toMatchObject({ value: 0 });
    expect(warnings).toEqual([expect.stringContaining(`moved to ${stateFile}.unreadable, starting a new chain`)]);
    expect(readdirSync(folder)).toContain('state.unreadable');
    await second.stop();
    await start();
    expect(warnings).toHaveLength(1);
  });

  it.each([
    ['[1,2,3]', /is not a state file of the local chain, and is left as it is: name another file/],
    ['', /is not a state file of the local chain/],
    [
      'countersign-localnet-9 00\n{}\n',
      /of the format countersign-localnet-9, and this version reads .*-2: name another/,
    ],
  ])('that is none, or of another version, is refused and left alone: %j', async (content, told) => {
    writeFileSync(stateFile, content);
    await expect(start()).rejects.toThrow(told);
    expect(readFileSync(stateFile, 'utf8')).toBe(content);
    expect(readdirSync(folder)).toEqual(['state']);
  });

  it('of the first format, without whole transactions, gives its statuses and claims no history', async () => {
    const first = await start();
    const payer = await fundedSigner(first.rpcUrl);
    const { wire, signature } = await pay(first, payer, 1n);
    await rawCall(first.rpcUrl, 'localnet_advanceSlots', [50]);
    await first.stop();
    const slot = toFirstFormat(signature);
    for (const _time of ['read as it was', 'read as it was written since']) {
      const localnet = await start();
      expect(await answers(localnet, payer, signature)).toEqual({ transaction: null, listed: [], from: slot + 1 });
      expect(await resultOf(localnet, 'getSignatureStatuses', [[signature]])).toMatchObject({ value: [{ err: null }] });
      expect(preflightError(await sendRaw(localnet.rpcUrl, wire))).toBe('AlreadyProcessed');
      await localnet.stop();
    }
  });
});

/** Writes the state as the first version did; returns its slot. */
function toFirstFormat(signature: string): number {
  const bytes = readFileSync(stateFile);
  const [firstEnd, secondEnd] = [bytes.indexOf('\n'), bytes.indexOf('\n', bytes.indexOf('\n') + 1)];
  const { slot, blockhashes } = JSON.parse(bytes.toString('utf8', firstEnd + 1, secondEnd));
  const snapshot = bytes.subarray(secondEnd + 1);
  const sha256 = createHash('sha256').update(snapshot).digest('hex');
  const statuses = [{ signature, slot: slot - 50, error: null }];
  const header = JSON.stringify({ format: 'countersign-localnet-1', sha256, slot, blockhashes, statuses });
  writeFileSync(stateFile, Buffer.concat([Buffer.from(`${header}\n`), snapshot]));
  rmSync(`${stateFile}.landed-1`);
  return slot;
}
