// Owns the proof that examples/signer-pkcs11 serves as it stands: a gateway signs real transactions with a key in a PKCS#11 token.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { SigningService, WaitFor } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { readBalances } from '../../scripts/dev/funds.ts';
import { openRemoteSigner } from '../../signers/remote/remote-signer.ts';
import type { SignContext, Signer, SignResult } from '../../signers/signer.ts';
import { solTransfer } from '../../tour/transactions.ts';
import { type AskedBytes, askedBytes } from '../conformance/asked-bytes.ts';
import { describeSignerConformance } from '../conformance/signer-conformance.ts';
import { startTestGateway, type TestGateway } from './gateway-fixture.ts';
import { type Pkcs11Signer, startPkcs11Signer } from './pkcs11-signer.ts';

let hsm: Pkcs11Signer;
const opened: Signer[] = [];

beforeAll(async () => {
  hsm = await startPkcs11Signer();
});
afterAll(async () => {
  await Promise.all(opened.map((signer) => signer.close()));
  await hsm.close();
});

type KeyName = keyof Pkcs11Signer['addresses'];

function open(key: KeyName, tls = hsm.tls): Signer {
  const { target, addresses } = hsm;
  const signer = openRemoteSigner({
    name: 'hsm',
    address: addresses[key],
    target,
    key,
    tls: { ...tls, serverName: null },
  });
  opened.push(signer);
  return signer;
}

const newBytes = (key: KeyName): AskedBytes =>
  askedBytes({ address: hsm.addresses[key], wantsTransactions: true }, 100);

const bounds = () => ({
  deadline: Date.now() + 10_000,
  idempotencyKey: 'an attempt',
  signal: AbortSignal.timeout(10_000),
});

function transaction(asked: AskedBytes): SignContext {
  return { ...bounds(), kind: 'transaction', wireTransaction: asked.wireTransaction };
}

function shown(result: SignResult): string {
  return result.kind === 'signed' ? 'signed' : `${result.kind}: ${result.reason}`;
}

describeSignerConformance('remote, with a key in SoftHSM,', async () => ({
  signer: open('treasury'),
  backend: 'remote',
  address: hsm.addresses.treasury,
  wantsTransactions: true,
}));

describe('the signer before a PKCS#11 token', () => {
  it('is ready for a check, and says which key it is', async () => {
    const check = await open('treasury').check(AbortSignal.timeout(5_000));
    expect(check).toEqual({ kind: 'ready', detail: 'PKCS#11 key treasury-2026' });
  });

  it('signs only the message of the whole transaction, whatever its version', async () => {
    const signer = open('treasury');
    const asked = newBytes('treasury');
    const v1 = Buffer.concat([Uint8Array.of(0x81, 1), Buffer.alloc(98, 3)]);
    const asV1 = { messageBytes: v1, wireTransaction: Buffer.concat([v1, Buffer.alloc(64)]) };
    for (const right of [asked, asV1]) {
      expect(shown(await signer.sign(right.messageBytes, transaction(right)))).toBe('signed');
    }
    const other = { ...newBytes('treasury'), wireTransaction: asked.wireTransaction };
    const wires = [[], [1], [0x81], [0x81, 200], [0x7f, 1], [0x90, 1]].map((wire) => Uint8Array.from(wire));
    for (const wrong of [other, ...wires.map((wireTransaction) => ({ ...asked, wireTransaction }))]) {
      const result = await signer.sign(wrong.messageBytes, transaction(wrong));
      expect(shown(result)).toMatch(/^refused: .*message is not the message of wire_transaction/);
    }
  });

  it('signs messages with a key that is for them, and nothing as a message that could be a transaction', async () => {
    const context: SignContext = { ...bounds(), kind: 'message' };
    const text = Buffer.from('Sign in to example.com');
    expect(shown(await open('treasury').sign(text, context))).toMatch(/^refused: .*signs no messages/);
    const signer = open('messages');
    expect(shown(await signer.sign(text, context))).toBe('signed');
    const offchain = Buffer.concat([Uint8Array.of(0xff), Buffer.from('solana offchain')]);
    expect(shown(await signer.sign(offchain, context))).toBe('signed');
    for (const disguised of [newBytes('messages').messageBytes, Uint8Array.of(0x80, 1), Uint8Array.of(0x81, 1)]) {
      expect(shown(await signer.sign(disguised, context))).toMatch(/^refused: .*could be a transaction/);
    }
  });

  it('shows a key to nobody whom it is not for', async () => {
    const signer = open('treasury', hsm.strangerTls);
    const asked = newBytes('treasury');
    expect(shown(await signer.sign(asked.messageBytes, transaction(asked)))).toMatch(/^refused: .*NOT_FOUND/);
    expect(await signer.check(AbortSignal.timeout(5_000))).toMatchObject({ kind: 'failed', field: 'key' });
    expect(hsm.log().some((line) => line.includes('"client":["stranger"]'))).toBe(true);
  });

  it('turns away whoever has a certificate by another authority', async () => {
    const signer = open('treasury', hsm.foreignTls);
    const asked = newBytes('treasury');
    expect(await signer.sign(asked.messageBytes, transaction(asked))).toMatchObject({ ambiguous: false });
    expect(await signer.check(AbortSignal.timeout(5_000))).toMatchObject({ kind: 'failed', field: 'client_cert_file' });
  });

  it('sends away the calls that are too many for the token, and signs again after them', async () => {
    const signer = open('treasury');
    const asked = Array.from({ length: 400 }, () => newBytes('treasury'));
    const results = await Promise.all(asked.map((each) => signer.sign(each.messageBytes, transaction(each))));
    const kinds = new Set(results.map((result) => shown(result).replace(/:.*: /, ': ')));
    expect([...kinds].filter((kind) => kind !== 'signed' && !kind.includes('all sessions of the token'))).toEqual([]);
    for (const result of results) {
      if (result.kind === 'unavailable') expect(result).toMatchObject({ ambiguous: false, retryAfterMs: 250 });
    }
    const after = newBytes('treasury');
    expect(shown(await signer.sign(after.messageBytes, transaction(after)))).toBe('signed');
  });

  it('is not ambiguous while it is stopped, ends well by SIGTERM, and is found again', async () => {
    const signer = open('treasury');
    const asked = newBytes('treasury');
    expect(shown(await signer.sign(asked.messageBytes, transaction(asked)))).toBe('signed');
    expect(await hsm.stop('SIGTERM')).toBe(0);
    expect(await signer.sign(asked.messageBytes, transaction(asked))).toMatchObject({ ambiguous: false });
    await hsm.start();
    expect(shown(await signer.sign(asked.messageBytes, transaction(asked)))).toBe('signed');
  });
});

describe('a gateway with a key in a PKCS#11 token', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    const { caFile: ca_file, certFile: client_cert_file, keyFile: client_key_file } = hsm.tls;
    const { target, addresses } = hsm;
    const files = { ca_file, client_cert_file, client_key_file };
    const signer = { name: 'hsm', type: 'remote', address: addresses.treasury, target, key: 'treasury', ...files };
    gateway = await startTestGateway({
      config: ({ wallets }) => ({
        signers: [signer],
        wallets: wallets.map((wallet) => ({ ...wallet, signer: 'hsm' })),
      }),
    });
  });
  afterAll(() => gateway.stop());

  it('sends a transfer that lands, signed in the token', async () => {
    const { wallet, recipient, localnet, token } = gateway.environment;
    expect(wallet.address).toBe(hsm.addresses.treasury);
    const balance = async () => (await readBalances(localnet.rpcUrl, recipient, token.address)).lamports;
    const before = await balance();
    const { outcome } = await gateway.agent.unary(SigningService.method.signAndSendTransaction, {
      wallet: wallet.id,
      transaction: solTransfer(wallet.address, recipient, 250_000_000n),
      setFreshBlockhash: true,
      waitFor: WaitFor.CONFIRMED,
    });
    expect(outcome.case).toBe('submitted');
    expect((await balance()) - before).toBe(250_000_000n);
    const entry = hsm.log().findLast((line) => line.includes('"msg":"sign"'));
    expect(JSON.parse(entry ?? '')).toMatchObject({ key: 'treasury', client: 'gateway', status: 'OK' });
  });

  it('answers UNAVAILABLE while the signer is stopped, and signs once it is back', async () => {
    const { wallet, recipient } = gateway.environment;
    const ask = () =>
      gateway.agent.unary(SigningService.method.signTransaction, {
        wallet: wallet.id,
        transaction: solTransfer(wallet.address, recipient, 1_000n),
        setFreshBlockhash: true,
      });
    await hsm.stop('SIGKILL');
    await expect(ask()).rejects.toMatchObject({ status: 'UNAVAILABLE' });
    await hsm.start();
    await vi.waitFor(async () => expect((await ask()).outcome.case).toBe('signed'));
  });
});
