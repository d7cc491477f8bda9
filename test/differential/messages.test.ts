// Owns the proof that no bytes that kit reads as a transaction pass for a message, however lenient kit is, and that we read off-chain
// messages as kit does, where we do not refuse more.
import {
  type Address,
  getAddressEncoder,
  getCompiledTransactionMessageDecoder,
  getOffchainMessageV0Decoder,
  getTransactionDecoder,
  type OffchainMessageV0,
} from '@solana/kit';
import { expect, it } from 'vitest';
import { classifyMessage } from '../../gateway/core/message/classify-message.ts';
import {
  hasSigningDomain,
  type OffchainMessage,
  parseOffchainMessage,
} from '../../gateway/core/message/offchain-message.ts';
import { plainText } from '../../gateway/core/message/plain-text.ts';
import { offchainBytes } from '../../gateway/core/message/testing/offchain-bytes.ts';
import { buildCorpus, randomAddress } from './corpus.ts';
import { mutate } from './mutate.ts';
import { seededRandom, seedOfRun } from './seeded-random.ts';

const MUTATIONS = 8_000;
const OFFCHAIN = 3_000;

const random = seededRandom(seedOfRun('differential messages'));
const corpus = buildCorpus(random, 120);
/** Not one of the corpus: its key must not be what makes the difference. */
const stranger = randomAddress(random);

it('takes nothing for a message that kit reads as a transaction, whole or as its message', () => {
  const samples = Array.from({ length: MUTATIONS }, () => {
    const wire = mutate(random, random.pick(corpus.transactions), random.pick(corpus.transactions));
    return random.chance(50) ? wire : signedPart(wire);
  });
  const read = samples.filter(kitReads);
  expect(read.length).toBeGreaterThan(MUTATIONS / 3);
  for (const bytes of read.filter((sample) => plainText(sample) === null)) expectTransaction(bytes, stranger);
});

it('takes nothing for a message that kit reads as a transaction, among bytes of chance with small numbers in front', () => {
  const samples = Array.from({ length: MUTATIONS }, () => {
    const bytes = random.bytes(1 + random.below(300));
    for (let i = 0; i < 4 && i < bytes.length; i++) if (random.chance(70)) bytes[i] = random.below(6);
    return bytes;
  });
  const read = samples.filter(kitReads);
  expect(read.length).toBeGreaterThan(10);
  for (const bytes of read.filter((sample) => plainText(sample) === null)) expectTransaction(bytes, stranger);
});

it('takes no part of a transaction for a message of the wallet that it holds', () => {
  for (const wire of corpus.transactions) {
    const bytes = signedPart(wire).slice(0, 40 + random.below(wire.length));
    const key = getAddressEncoder().encode(corpus.feePayer);
    if (Buffer.from(bytes).includes(Buffer.from(key))) expectTransaction(bytes, corpus.feePayer);
  }
});

it('takes the off-chain messages that kit takes, and reads them as kit does', () => {
  const counts = new Map<string, number>();
  for (let i = 0; i < OFFCHAIN; i++) {
    const bytes = random.chance(50) ? anyOffchain() : mutate(random, anyOffchain(), anyOffchain());
    if (!hasSigningDomain(bytes)) continue;
    const ours = parseOffchainMessage(bytes);
    const kit = kitOffchain(bytes);
    const verdict = ours.kind === 'parsed' ? 'taken' : ours.error.code;
    counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
    if (ours.kind === 'malformed') {
      // Only kit lets a signer stand there twice, and drops or replaces bytes of a text before it measures it.
      if (kit !== null && isExact(kit, bytes)) expect(verdict).toBe('DUPLICATE_SIGNER');
    } else if (kit === null) {
      // kit leaves NUL and a byte order mark out of the text, and then finds its length wrong.
      expect(readText(ours.value)).toMatch(/\0|^\ufeff/);
    } else {
      expect(ours.value.applicationDomain).toBe(kit.applicationDomain);
      expect(ours.value.signers).toEqual(kit.requiredSignatories.map(({ address }) => address));
      expect(readText(ours.value)).toBe(kit.content.text);
    }
  }
  console.log('off-chain messages:', Object.fromEntries(counts));
  expect(counts.get('taken')).toBeGreaterThan(OFFCHAIN / 5);
  expect(counts.get('TOO_LARGE')).toBeGreaterThan(OFFCHAIN / 50);
});

function expectTransaction(bytes: Uint8Array, wallet: Address): void {
  const { kind } = classifyMessage(bytes, wallet);
  if (kind !== 'transaction' && kind !== 'malformed') throw new Error(`${kind}: ${Buffer.from(bytes).toString('hex')}`);
}

function signedPart(wire: Uint8Array): Uint8Array {
  return (wire[0] ?? 0) === 0x81 ? wire : wire.slice(1 + (wire[0] ?? 0) * 64);
}

function kitReads(bytes: Uint8Array): boolean {
  return (
    succeeds(() => readMessage(bytes)) ||
    succeeds(() => readMessage(getTransactionDecoder().decode(bytes).messageBytes))
  );
}

function readMessage(bytes: Parameters<ReturnType<typeof getCompiledTransactionMessageDecoder>['decode']>[0]) {
  return getCompiledTransactionMessageDecoder().decode(bytes);
}

function succeeds(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}

const TEXTS = [
  'Sign in',
  '€uro 漢字 🎉',
  'two\nlines',
  '\ufeffmarked',
  'a\0b',
  'x'.repeat(1147),
  'x'.repeat(1148),
  'é'.repeat(900),
];

function anyOffchain(): Uint8Array {
  const signers = Array.from({ length: 1 + random.below(2) }, () => random.bytes(32));
  const repeated = random.chance(10) ? [...signers, ...signers] : signers;
  return offchainBytes({
    domain: random.bytes(32),
    format: random.below(3),
    signers: repeated,
    body: random.pick(TEXTS),
  });
}

function readText({ body }: OffchainMessage): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(body);
}

/** Whether the text that kit read is all of the bytes behind the preamble. */
function isExact({ content, requiredSignatories }: OffchainMessageV0, bytes: Uint8Array): boolean {
  return Buffer.from(content.text).equals(bytes.subarray(53 + 32 * requiredSignatories.length));
}

function kitOffchain(bytes: Uint8Array): OffchainMessageV0 | null {
  try {
    return getOffchainMessageV0Decoder().decode(bytes);
  } catch {
    return null;
  }
}
