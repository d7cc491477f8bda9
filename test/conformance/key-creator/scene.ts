// Owns what the tests of one key creator share: labels of their own, keys that must be there, and signatures by them.
import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { base58FromBytes, privateKeyFromSeed, publicKeyBytes } from '../../../signers/ed25519-key.ts';
import type { CreatedKey, CreateResult } from '../../../signers/key-creator.ts';
import type { SignResult } from '../../../signers/signer.ts';
import { verifySignature } from '../../../signers/verify.ts';
import { askedBytes } from '../asked-bytes.ts';
import type { CreatorUnderTest } from '../key-creator.ts';

/** Of calls that nothing goes wrong with. */
const WITHIN_MS = 10_000;

export function soon(): AbortSignal {
  return AbortSignal.timeout(WITHIN_MS);
}

/** As the gateway makes them: the id of a wallet, and 8 digits of chance. */
export function newLabel(wallet = 'treasury'): string {
  return `${wallet}-${randomBytes(4).toString('hex')}`;
}

export function addressOfSeed(seed: Uint8Array): string {
  return base58FromBytes(publicKeyBytes(privateKeyFromSeed(seed)));
}

export function createdKey(result: CreateResult): CreatedKey {
  if (result.kind === 'created') return result.key;
  throw new Error(`expected a key, got ${result.kind}: ${result.reason}`);
}

export async function created({ template }: CreatorUnderTest, label = newLabel()): Promise<CreatedKey> {
  return createdKey(await template.creator.create(label, soon()));
}

/** By a signer that is opened from what the record keeps of the key, and closed again. */
export async function signedBy(
  subject: CreatorUnderTest,
  key: CreatedKey,
): Promise<SignResult & { verifies: boolean }> {
  const kept: CreatedKey = JSON.parse(JSON.stringify(key));
  const signer = await subject.template.openSigner(kept);
  try {
    expect({ address: signer.address, backend: signer.backend }).toEqual({
      address: key.address,
      backend: subject.backend,
    });
    const { address } = key;
    const { messageBytes, wireTransaction } = askedBytes(
      { address, wantsTransactions: subject.wantsTransactions },
      100,
    );
    const bounds = {
      deadline: Date.now() + WITHIN_MS,
      idempotencyKey: randomBytes(16).toString('hex'),
      signal: soon(),
    };
    const result = await signer.sign(messageBytes, { kind: 'transaction', wireTransaction, ...bounds });
    const verifies =
      result.kind === 'signed' && (await verifySignature({ address, messageBytes, signature: result.signature }));
    return { ...result, verifies };
  } finally {
    await signer.close();
  }
}

/** Fails unless a signer of the key signs, and so that it verifies. */
export async function expectSigns(subject: CreatorUnderTest, key: CreatedKey): Promise<void> {
  const result = await signedBy(subject, key);
  expect(result.verifies, 'reason' in result ? `${result.kind}: ${result.reason}` : result.kind).toBe(true);
}
