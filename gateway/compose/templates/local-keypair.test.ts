import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { CreatedKey } from '../../../signers/key-creator.ts';
import { created, createdKey, newLabel, soon } from '../../../test/conformance/key-creator/scene.ts';
import type { CreatorUnderTest } from '../../../test/conformance/key-creator.ts';
import { describeKeyCreator } from '../../../test/conformance/key-creator-conformance.ts';
import { Secret } from '../../config/secret.ts';
import type { LocalKeypairTemplate } from '../../config/templates/local-keypair.ts';
import { SignerFault } from '../unopened-signer.ts';
import { openLocalKeypairTemplate } from './local-keypair.ts';

const PASSPHRASE = ' correct horse battery staple';
const DEVNET = 'EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG';
const MAINNET = '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d';
const TERMS = { name: 'made', relayers: ['node'], maxWallets: 100, allowExport: true, allowImport: true };

interface Changes {
  readonly passphrase?: LocalKeypairTemplate['signer']['passphrase'];
  readonly genesisHash?: string;
  readonly allowMainnet?: boolean;
  readonly terms?: Partial<LocalKeypairTemplate['terms']>;
}

function subjectWith(changes: Changes = {}): CreatorUnderTest {
  const { passphrase = { kind: 'value', secret: new Secret(PASSPHRASE) }, allowMainnet = false } = changes;
  const signer = { passphrase, allowMainnet };
  const config = { kind: 'local-keypair', terms: { ...TERMS, ...changes.terms }, signer } as const;
  return {
    template: openLocalKeypairTemplate(config, changes.genesisHash ?? DEVNET, 2 ** 14),
    backend: 'local-keypair',
    wantsTransactions: false,
    keepsKeys: false,
    can: ['export', 'import'],
  };
}

const asText = (text: string) => ({ kind: 'value', secret: new Secret(text) }) as const;

async function faultOf(opening: Promise<unknown>): Promise<SignerFault> {
  const outcome = await opening.catch((error: unknown) => error);
  if (outcome instanceof SignerFault) return outcome;
  throw new Error('expected a SignerFault');
}

describeKeyCreator('local-keypair', async () => subjectWith());

describe('a key that the gateway made itself', () => {
  it('is kept encrypted, so that another gateway with the passphrase opens it and nobody else', async () => {
    const key = await created(subjectWith());
    const other = await subjectWith().template.openSigner(key);
    expect(other).toMatchObject({ name: 'made', address: key.address, custody: 'process' });
    await other.close();
    const stranger = subjectWith({ passphrase: asText(PASSPHRASE.trim()) });
    const fault = await faultOf(stranger.template.openSigner(key));
    expect(fault).toMatchObject({ field: 'passphrase_env' });
    expect(fault.message).toContain(`the keystore of ${key.address} in the record does not open`);
  });

  it('holds its seed nowhere in the clear', async () => {
    const { template } = subjectWith();
    const seed = randomBytes(32);
    const key = createdKey(
      (await template.creator.import?.(newLabel(), seed, soon())) ?? { kind: 'refused', reason: '' },
    );
    const shown = `${JSON.stringify(key)} ${inspect(template, { depth: 10, showHidden: true })}`;
    for (const encoding of ['hex', 'base64', 'latin1'] as const) expect(shown).not.toContain(seed.toString(encoding));
    expect(shown).not.toContain(PASSPHRASE.trim());
  });

  it('is taken for no other wallet', async () => {
    const subject = subjectWith();
    const [key, other] = [await created(subject), await created(subject)];
    const swapped: CreatedKey = { address: other.address, reference: key.reference };
    expect((await faultOf(subject.template.openSigner(swapped))).message).toContain('holds the key of');
    const relabelled = String(key.reference.keystore).replace(key.address, other.address);
    const forged: CreatedKey = { address: other.address, reference: { keystore: relabelled } };
    expect((await faultOf(subject.template.openSigner(forged))).message).toContain('does not open');
    expect((await subject.template.creator.export?.(forged, soon()))?.kind).not.toBe('exported');
  });

  it('is neither given out nor taken where the template does not allow it', () => {
    const { creator } = subjectWith({ terms: { allowExport: false, allowImport: false } }).template;
    expect([creator.export, creator.import, creator.destroy]).toEqual([null, null, null]);
  });
});

describe('a template of keys that the gateway makes itself', () => {
  it('makes and opens none on mainnet unless it is forced to', async () => {
    const subject = subjectWith({ genesisHash: MAINNET });
    const result = await subject.template.creator.create(newLabel(), soon());
    expect(result).toMatchObject({ kind: 'unavailable', reason: expect.stringContaining('allow_mainnet') });
    expect(await subject.template.creator.check(soon())).toMatchObject({ field: 'signer.allow_mainnet' });
    const key = await created(subjectWith());
    expect(await faultOf(subject.template.openSigner(key))).toMatchObject({ field: 'allow_mainnet' });
    await created(subjectWith({ genesisHash: MAINNET, allowMainnet: true }));
  });

  it.each([
    ['is too short', asText('elevenchars'), 'at least 12 characters', 'signer.passphrase_env'],
    ['cannot be read', { kind: 'file', path: '/nowhere/passphrase' }, 'passphrase_file', 'signer.passphrase_file'],
  ] as const)('makes none where the passphrase %s, and its check says so', async (_name, passphrase, reason, field) => {
    const { creator } = subjectWith({ passphrase }).template;
    const result = await creator.create(newLabel(), soon());
    expect(result).toMatchObject({ kind: 'unavailable', reason: expect.stringContaining(reason) });
    expect(await creator.check(soon())).toMatchObject({ kind: 'failed', field });
  });
});
