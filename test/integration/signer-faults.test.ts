// Owns the proof that a signer that cannot be used stops its own wallets and no others, says why, and is used once it can be.
import { randomBytes } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { AuditService } from '../../proto/gen/countersign/v1/audit_pb.ts';
import { OperationsService } from '../../proto/gen/countersign/v1/operations_pb.ts';
import type { GivenSections, Sections } from '../../scripts/dev/environment.ts';
import { createKeystore } from '../../signers/local-keypair/create-keystore.ts';
import { solTransfer } from '../../tour/transactions.ts';
import { signAs } from './agent-calls.ts';
import { startTestGateway, type TestGateway } from './gateway-fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-faults-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const readyAnswer = z.object({
  ready: z.boolean(),
  failing: z.array(z.object({ part: z.string(), detail: z.string() })),
  degraded: z.array(z.object({ part: z.string(), detail: z.string() })),
});

async function readyz({ environment }: TestGateway) {
  const response = await fetch(`http://${environment.gateway.http}/readyz`);
  return { status: response.status, ...readyAnswer.parse(await response.json()) };
}

async function metricsOf({ environment }: TestGateway): Promise<string> {
  return (await fetch(`http://${environment.gateway.http}/metrics`)).text();
}

function transfer({ environment: { wallet, recipient } }: TestGateway, lamports: bigint): Uint8Array {
  return solTransfer(wallet.address, recipient, lamports);
}

function entryOf({ signers }: GivenSections): { readonly keystore_file: string; readonly passphrase_file: string } {
  const entry = z.object({ keystore_file: z.string(), passphrase_file: z.string() }).safeParse(signers[0]);
  if (!entry.success) throw new Error('the development wallet has no keystore');
  return entry.data;
}

describe('a gateway whose only signer has another passphrase', () => {
  let gateway: TestGateway;
  let given: { readonly keystore_file: string; readonly passphrase_file: string };
  const passphraseFile = () => join(folder, 'passphrase');
  beforeAll(async () => {
    await writeFile(passphraseFile(), randomBytes(12).toString('hex'), { mode: 0o600 });
    gateway = await startTestGateway({
      config: (sections) => {
        given = entryOf(sections);
        const signer = { name: 'treasury-key', type: 'local-keypair', ...given, passphrase_file: passphraseFile() };
        return { signers: [signer] };
      },
    });
  });
  afterAll(() => gateway.stop());

  it('serves, is not ready, and names the signer and the key of the configuration', async () => {
    const { status, failing } = await readyz(gateway);
    expect(status).toBe(503);
    expect(failing).toEqual([
      {
        part: 'signer treasury-key',
        detail: expect.stringMatching(/^passphrase_file: .*its passphrase is another one/),
      },
    ]);
    expect(await metricsOf(gateway)).toMatch(/countersign_signer_ready{signer="treasury-key".*} 0/);
  });

  it('answers its wallet that the signer is unavailable, and why', async () => {
    await expect(signAs(gateway, transfer(gateway, 1_001n))).rejects.toThrow(
      /signer treasury-key is unavailable: passphrase_file: .*nothing was signed/,
    );
  });

  it('signs and is ready once the passphrase is right and the signer was checked again', async () => {
    await copyFile(given.passphrase_file, passphraseFile());
    const { checks } = await gateway.operator.unary(OperationsService.method.checkSigners, {});
    expect(checks).toMatchObject([{ name: 'treasury-key', ready: true, wallets: ['treasury'] }]);
    expect((await readyz(gateway)).failing).toEqual([]);
    expect((await signAs(gateway, transfer(gateway, 1_002n))).outcome.case).toBe('signed');
  });
});

describe('a gateway with signers that cannot be used beside one that can', () => {
  let gateway: TestGateway;
  let lockedAddress: string;
  const broken = async (given: GivenSections): Promise<Sections> => {
    const { keystore_file } = entryOf(given);
    const wrong = join(folder, 'wrong-passphrase');
    await writeFile(wrong, randomBytes(12).toString('hex'), { mode: 0o600 });
    await copyFile(keystore_file, join(folder, 'copy.json'));
    const locked = { path: join(folder, 'locked.json'), passphrase: randomBytes(12).toString('hex') };
    lockedAddress = (await createKeystore({ ...locked, scryptCost: 2 ** 14 })).address;
    const local = { type: 'local-keypair', passphrase_file: wrong };
    const terms = { max_per_transaction: '0.01 SOL', per_agent_per_day: '1 SOL', per_day: '2 SOL' };
    return {
      signers: [
        ...given.signers,
        { name: 'copy', ...local, keystore_file: join(folder, 'copy.json') },
        { name: 'locked', ...local, keystore_file: locked.path },
        { name: 'gone', ...local, keystore_file: join(folder, 'gone.json') },
        { name: 'payer', ...local, keystore_file: join(folder, 'gone-payer.json') },
      ],
      relayers: [...given.relayers, { name: 'gas', type: 'sponsor', signer: 'payer', relayer: 'local', ...terms }],
      wallets: [
        { id: 'treasury', signer: 'copy', signer_fallbacks: ['treasury-key'], relayer: 'local' },
        { id: 'vault', signer: 'locked', relayer: 'gas' },
        { id: 'lost', signer: 'gone', relayer: 'local' },
      ],
    };
  };
  beforeAll(async () => {
    gateway = await startTestGateway({ config: broken });
  });
  afterAll(() => gateway.stop());

  it('names each of them, and knows the addresses that keystores say in the clear', async () => {
    const { failing } = await readyz(gateway);
    expect(failing.map(({ part, detail }) => `${part} ${detail.split(':')[0]}`).sort()).toEqual([
      'signer copy passphrase_file',
      'signer gone keystore_file',
      'signer locked passphrase_file',
      'signer payer keystore_file',
    ]);
    const { routes } = gateway.environment.gateway.backends;
    expect([...routes.keys()]).toEqual(['treasury', 'vault']);
    expect(routes.get('vault')?.wallet.address).toBe(lockedAddress);
  });

  it('lists the wallet that is not served, with why', async () => {
    const { wallets } = await gateway.operator.unary(OperationsService.method.listWalletStates, {});
    expect(wallets.map(({ wallet, notServed }) => [wallet, notServed])).toEqual([
      ['lost', expect.stringMatching(/^gone: keystore_file: .*gone\.json/)],
      ['treasury', ''],
      ['vault', ''],
    ]);
  });

  it('tells doctor of each of them, of the wallet that is not served, and of the fee payer that cannot pay', async () => {
    const { findings } = await gateway.operator.unary(OperationsService.method.getStatus, {});
    expect(findings.map(({ code, subjects }) => `${code} ${subjects}`).sort()).toEqual([
      'FEE_PAYER_CANNOT_PAY gas',
      'SIGNER_FAILING copy',
      'SIGNER_FAILING gone',
      'SIGNER_FAILING locked',
      'SIGNER_FAILING payer',
      'WALLET_NOT_SERVED lost',
    ]);
    const payer = findings.find(({ subjects }) => subjects.includes('payer'));
    expect(payer?.what).toMatch(/^the signer payer \(local-keypair\) fails.*keystore_file: .*it signs for vault$/);
  });

  it('signs for the wallet that has another signer of the same key, and records which of them did', async () => {
    expect((await signAs(gateway, transfer(gateway, 1_003n))).outcome.case).toBe('signed');
    const request = { afterSequence: 0n, stopAtHead: true, filter: { kinds: ['request.signed'] } };
    const signers: unknown[] = [];
    for await (const { record } of gateway.operator.stream(AuditService.method.streamAuditRecords, request)) {
      signers.push(JSON.parse(Buffer.from(record?.body ?? []).toString()).facts.signer);
    }
    expect(signers).toEqual(['treasury-key']);
  });

  it('shows no passphrase in what it says of itself', async () => {
    const passphrase = await readFile(join(folder, 'wrong-passphrase'), 'utf8');
    const { checks } = await gateway.operator.unary(OperationsService.method.checkSigners, {});
    expect(checks.filter(({ ready }) => ready).map(({ name }) => name)).toEqual(['treasury-key']);
    const shown = JSON.stringify([checks.map(({ detail }) => detail), await readyz(gateway), await metricsOf(gateway)]);
    expect(shown).not.toContain(passphrase);
  });
});

describe('wallets that are no good', () => {
  const startWith = (config: (given: GivenSections) => Promise<Sections>) => startTestGateway({ config });
  const copied = async (given: GivenSections): Promise<Sections> => {
    const { keystore_file, passphrase_file } = entryOf(given);
    const copy = join(folder, 'second-copy.json');
    await copyFile(keystore_file, copy);
    return { name: 'copy', type: 'local-keypair', keystore_file: copy, passphrase_file };
  };

  it('two of one key are refused: it would get the limits of both', async () => {
    const started = startWith(async (given) => ({
      signers: [...given.signers, await copied(given)],
      wallets: [...given.wallets, { id: 'second', signer: 'copy', relayer: 'local' }],
    }));
    await expect(started).rejects.toThrow(/wallets treasury and second have the same key/);
  });

  it('one whose fallback holds another key is refused', async () => {
    const path = join(folder, 'other.json');
    const passphrase = randomBytes(12).toString('hex');
    await writeFile(join(folder, 'other-passphrase'), passphrase, { mode: 0o600 });
    await createKeystore({ path, passphrase, scryptCost: 2 ** 14 });
    const other = { keystore_file: path, passphrase_file: join(folder, 'other-passphrase') };
    const started = startWith(async (given) => ({
      signers: [...given.signers, { name: 'other', type: 'local-keypair', ...other }],
      wallets: [{ id: 'treasury', signer: 'treasury-key', signer_fallbacks: ['other'], relayer: 'local' }],
    }));
    await expect(started).rejects.toThrow(
      /wallet treasury: signer_fallbacks must hold the key of its signer: other holds/,
    );
  });
});
