import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBase58 } from '../base58.ts';
import { anyCharacter } from '../testing/any-character.ts';
import { buildWire, keyAddress, keyBytes, type WirePlan } from '../transaction/testing/wire-builder.ts';
import { type ClassifiedMessage, classifyMessage, type MessageFacts } from './classify-message.ts';
import { offchainBytes } from './testing/offchain-bytes.ts';

const WALLET = keyAddress(0);
const OTHERS_WALLET = keyAddress(900);
const UTF8 = new TextEncoder();

const bytesOf = (text: string): Uint8Array => UTF8.encode(text);
const classify = (bytes: Uint8Array): ClassifiedMessage => classifyMessage(bytes, WALLET);

function factsOf(bytes: Uint8Array): MessageFacts {
  const classified = classify(bytes);
  if (classified.kind !== 'message') throw new Error(`classified as ${JSON.stringify(classified)}`);
  return classified.facts;
}

describe('the facts of a message', () => {
  it('are its size, digest and text where it is plain', () => {
    const bytes = bytesOf('Sign in to example.com\n\tnonce: 17 – é 漢字 🎉');
    expect(factsOf(bytes)).toEqual({
      envelope: 'none',
      sha256: createHash('sha256').update(bytes).digest('hex'),
      size: bytes.length,
      text: 'Sign in to example.com\n\tnonce: 17 – é 漢字 🎉',
      applicationDomain: null,
      signers: null,
    });
  });

  it('are those of the envelope too, and its text is without it', () => {
    const bytes = offchainBytes({ signers: [keyBytes(3), keyBytes(0)], body: 'I own this' });
    expect(factsOf(bytes)).toEqual({
      envelope: 'offchain_v0',
      sha256: createHash('sha256').update(bytes).digest('hex'),
      size: bytes.length,
      text: 'I own this',
      applicationDomain: encodeBase58(new Uint8Array(32).fill(5)),
      signers: [keyAddress(3), WALLET],
    });
  });

  it.each([
    ['NUL', bytesOf('a\0b')],
    ['an escape sequence', bytesOf('\u001b[2Ja')],
    ['DEL', bytesOf('a\u007f')],
    ['a C1 control', bytesOf('a\u009b')],
    ['a lone surrogate', Uint8Array.of(0x61, 0xed, 0xa0, 0x80)],
    ['an overlong slash', Uint8Array.of(0xc0, 0xaf)],
    ['Latin-1', Uint8Array.of(0x63, 0xe9)],
    ['a hash', createHash('sha256').update('x').digest()],
  ])('have no text where there is %s in it', (_case, bytes) => {
    expect(factsOf(new Uint8Array(bytes)).text).toBeNull();
  });

  it('keep a byte order mark and marks of direction in the text, which must say all of the bytes', () => {
    const text = '\ufeffpay \u202egnp.exe\u2066';
    expect(factsOf(bytesOf(text)).text).toBe(text);
  });

  it('are not of the bytes that somebody changes afterwards', () => {
    const bytes = bytesOf('as it was');
    const facts = factsOf(bytes);
    bytes.fill(0x21);
    expect(facts.text).toBe('as it was');
  });
});

describe('what is no message', () => {
  it('is nothing, and more than 4096 bytes', () => {
    expect(classify(new Uint8Array())).toMatchObject({ kind: 'malformed', error: { code: 'EMPTY' } });
    expect(classify(bytesOf('x'.repeat(4096))).kind).toBe('message');
    expect(classify(bytesOf('x'.repeat(4097)))).toMatchObject({ kind: 'malformed', error: { code: 'TOO_LARGE' } });
  });

  it('is an envelope that does not name the wallet', () => {
    const bytes = offchainBytes({ signers: [keyBytes(3)], body: 'I own this' });
    expect(classify(bytes)).toEqual({ kind: 'not_a_signer' });
  });

  it('is an envelope with a mistake in it', () => {
    const bytes = offchainBytes({ signers: [keyBytes(0)], body: 'I own this', version: 1 });
    expect(classify(bytes)).toMatchObject({ kind: 'malformed', error: { code: 'UNSUPPORTED_VERSION' } });
  });
});

const PLANS: readonly (readonly [string, WirePlan])[] = [
  ['legacy', {}],
  ['v0', { version: 0 }],
  ['v0 with lookups', { version: 0, lookups: [{ table: 7, writable: [0], readonly: [1, 2] }] }],
  ['v1', { version: 1 }],
  ['v1 with a config', { version: 1, configMask: 4, configBytes: [1, 0, 0, 0] }],
  [
    'legacy of two signers',
    { header: [2, 1, 1], keys: [4, 0, 1], instructions: [{ program: 2, accounts: [0, 1], data: [9, 9] }] },
  ],
  ['legacy with a header that no runtime takes', { header: [1, 1, 1] }],
  ['v0 with a program that is not there', { version: 0, instructions: [{ program: 9, accounts: [], data: [] }] }],
];

/** The part that is signed. */
function messageOf(wire: Uint8Array, { version, header }: WirePlan): Uint8Array {
  const signatures = (header?.[0] ?? 1) * 64;
  return version === 1 ? wire.subarray(0, wire.length - signatures) : wire.subarray(1 + signatures);
}

describe.each(PLANS)('a transaction (%s)', (_name, plan) => {
  const wire = buildWire(plan);
  const message = messageOf(wire, plan);

  it.each([
    ['its message', message],
    ['the wire transaction', wire],
    ['its message with bytes behind it', Uint8Array.of(...message, 1)],
    ['the wire transaction with bytes behind it', Uint8Array.of(...wire, 0, 0, 0)],
    ['its message without the last byte', message.subarray(0, -1)],
    ['its message as far as keys and lifetime token', message.subarray(0, 101)],
    ['the wire transaction without the last byte', wire.subarray(0, -1)],
  ])('is no message: %s', (_case, bytes) => {
    expect(classify(new Uint8Array(bytes)).kind).toBe('transaction');
    expect(classifyMessage(new Uint8Array(bytes), OTHERS_WALLET).kind, 'of another wallet').toBe('transaction');
  });

  it.each([1, 2])('is no message in an envelope of format %i either', (format) => {
    const inside = [message, wire].map((body) => classify(offchainBytes({ format, signers: [keyBytes(0)], body })));
    // Most transactions are no UTF-8: then the envelope itself is wrong.
    expect(inside.map(({ kind }) => kind)).not.toContain('message');
  });
});

it('takes nothing that ends behind the keys of the signers', () => {
  const wire = buildWire({ header: [2, 1, 1], keys: [4, 5, 1] });
  const message = wire.subarray(129);
  for (let keys = 2 * 32; keys < 4 * 32; keys++) {
    expect(classify(message.slice(0, 4 + keys)).kind, `${keys}`).toBe('transaction');
    expect(classify(wire.slice(0, 129 + 4 + keys)).kind, `${keys}`).toBe('transaction');
  }
});

it('takes no bytes with the key of the wallet in them, wherever it stands', () => {
  const padding = new Uint8Array(40).fill(0x10);
  const bytes = Uint8Array.of(0x7f, 0x7f, ...padding, ...keyBytes(0), ...padding);
  expect(classify(bytes).kind).toBe('transaction');
  expect(classifyMessage(bytes, OTHERS_WALLET).kind).toBe('message');
});

it('takes no bytes that begin with the version of a message still to come', () => {
  for (let version = 0x80; version <= 0xff; version++) {
    const bytes = new Uint8Array(64).fill(0x7f);
    bytes[0] = version;
    expect(classify(bytes).kind, `0x${version.toString(16)}`).toBe('transaction');
  }
});

describe('plain text', () => {
  const printable = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('\n', '\r', '\t', ' ', '!', '"', '#') },
    { weight: 6, arbitrary: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 1 }) },
    { weight: 2, arbitrary: anyCharacter.filter((character) => !/\p{Cc}/u.test(character)) },
  );
  const anyText = fc
    .array(printable, { minLength: 1, maxLength: 4096, size: 'max' })
    .map((units) => new TextDecoder().decode(bytesOf(units.join('')).subarray(0, 4080), { stream: true }))
    .filter((text) => text !== '' && !/[^\P{Cc}\n\r\t]/u.test(text));

  it('is never taken for a transaction, whatever it says', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(factsOf(bytesOf(text)).text).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    'Sign in with Solana',
    'a'.repeat(4096),
    '\n\t\t '.repeat(1024),
    'example.com wants you to sign in with your Solana account:\n4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM\n\nNonce: 8',
    // A base64 of a transaction is text; its signature holds for no transaction.
    Buffer.from(buildWire()).toString('base64'),
    // A header that a runtime would take, and room for all the keys that it counts.
    `A (x${'k'.repeat(4000)}`,
  ])('is never taken for a transaction: %.20j', (text) => {
    expect(factsOf(bytesOf(text)).text).toBe(text);
  });

  it('is one where it is so in full, though it is larger than any that lands', () => {
    // Ten signers, nine of them readonly, nine other readonly accounts, 32 keys, a token, nine instructions.
    const instruction = `\n\t${'\t'.repeat(9)}\t${'d'.repeat(9)}`;
    const text = `\n\t\t ${'k'.repeat(32 * 32)}${'t'.repeat(32)}\t${instruction.repeat(9)}`;
    expect(classify(bytesOf(text))).toEqual({ kind: 'transaction', reading: 'the message of a transaction' });
    expect(classify(bytesOf(`\n${'s'.repeat(640)}${text}`))).toEqual({
      kind: 'transaction',
      reading: 'a wire transaction',
    });
    expect(classify(bytesOf(`${text} `)).kind, 'one character more').toBe('message');
    const enveloped = offchainBytes({ format: 2, signers: [keyBytes(0)], body: text });
    expect(classify(enveloped)).toMatchObject({ kind: 'transaction' });
  });
});
