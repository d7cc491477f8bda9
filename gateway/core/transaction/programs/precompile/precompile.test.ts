import { describe, expect, it } from 'vitest';
import type { Address } from '../../../address.ts';
import { keyAddress, keyBytes } from '../../testing/wire-builder.ts';
import { decodeInstruction } from '../decode-instruction.ts';
import { ED25519_PROGRAM, SECP256K1_PROGRAM, SECP256R1_PROGRAM } from '../program-ids.ts';

const OWN = 0xffff;
const SIGNATURE = new Array<number>(64).fill(7);
const u16 = (value: number) => [value & 0xff, value >> 8];

/** One row of the table of the Ed25519 and the Secp256r1 precompile. */
function row(signature: number, key: number, message: number, size: number, instruction = OWN): number[] {
  const at = u16(instruction);
  return [...u16(signature), ...at, ...u16(key), ...at, ...u16(message), ...u16(size), ...at];
}

function decode(program: Address, data: readonly number[], index = 4) {
  return decodeInstruction({ index, program, accounts: [], data: Uint8Array.from(data) });
}

describe('the Ed25519 precompile', () => {
  // As the published builder writes it: the table, the key, the signature, the message.
  const one = [1, 0, ...row(48, 16, 112, 3), ...keyBytes(5), ...SIGNATURE, 1, 2, 3];

  it('names the key and the message that stand in the instruction', () => {
    expect(decode(ED25519_PROGRAM, one)).toMatchObject({
      kind: 'known',
      programName: 'ed25519',
      name: 'verify_signatures',
      arguments: {
        signatures: [
          {
            public_key: keyAddress(5),
            public_key_at: { offset: 16n, size: 32n, instruction: 65_535n },
            message: 'AQID',
            message_at: { offset: 112n, size: 3n, instruction: 65_535n },
            signature_at: { offset: 48n, size: 64n, instruction: 65_535n },
          },
        ],
      },
    });
  });

  it('takes its own number for itself, and of another instruction says only where', () => {
    const at = (instruction: number) => [1, 0, ...row(48, 16, 112, 3, instruction), ...one.slice(16)];
    expect(decode(ED25519_PROGRAM, at(4), 4)).toMatchObject({ arguments: { signatures: [{ message: 'AQID' }] } });
    expect(decode(ED25519_PROGRAM, at(3), 4)).toMatchObject({
      arguments: {
        signatures: [{ public_key: null, message: null, message_at: { offset: 112n, size: 3n, instruction: 3n } }],
      },
    });
  });

  it('is unknown where the runtime refuses it: short data, offsets behind the data, data without a signature', () => {
    for (let length = 0; length < one.length; length++) {
      expect(decode(ED25519_PROGRAM, one.slice(0, length)).kind).toBe('unknown');
    }
    const signatureBehind = [1, 0, ...row(52, 16, 0, 0), ...one.slice(16)];
    expect(decode(ED25519_PROGRAM, signatureBehind)).toMatchObject({
      reason: 'verify_signatures: an offset points to byte 116 of 115',
    });
    expect(decode(ED25519_PROGRAM, [0, 0, 0])).toMatchObject({ kind: 'unknown' });
    expect(decode(ED25519_PROGRAM, [0, 0])).toMatchObject({ kind: 'known', arguments: { signatures: [] } });
  });

  it('lists a message that many signatures share no oftener than there are bytes', () => {
    const count = 60;
    const tableEnd = 2 + count * 14;
    const rows = Array.from({ length: count }, () => row(tableEnd, tableEnd, 0, tableEnd)).flat();
    const decoded = decode(ED25519_PROGRAM, [count, 0, ...rows, ...SIGNATURE]);
    expect(decoded.kind).toBe('known');
    const text = JSON.stringify(decoded, (_, value) => (typeof value === 'bigint' ? Number(value) : value));
    expect(text.match(/"message":"/g)).toHaveLength(1);
  });
});

describe('the Secp256r1 precompile', () => {
  it('gives the compressed key as bytes, and verifies eight signatures at most', () => {
    const key = new Array<number>(33).fill(2);
    const data = [1, 0, ...row(49, 16, 113, 0), ...key, ...SIGNATURE];
    expect(decode(SECP256R1_PROGRAM, data)).toMatchObject({
      programName: 'secp256r1',
      arguments: { signatures: [{ public_key: btoa(String.fromCharCode(...key)), message: '' }] },
    });
    const many = (count: number) => [count, 0, ...Array.from({ length: count }, () => row(0, 0, 0, 0)).flat(), ...key];
    expect(decode(SECP256R1_PROGRAM, many(8)).kind).toBe('known');
    expect(decode(SECP256R1_PROGRAM, many(9))).toMatchObject({ reason: '9 signatures are more than 8' });
  });
});

describe('the Secp256k1 precompile', () => {
  // Signature with its recovery id, address and message, each behind the number of its instruction.
  const data = (own: number) => {
    const table = [...u16(32), own, ...u16(12), own, ...u16(97), ...u16(2), own];
    return [1, ...table, ...new Array<number>(20).fill(3), ...SIGNATURE, 0, 8, 9];
  };

  it('gives the Ethereum address as bytes', () => {
    expect(decode(SECP256K1_PROGRAM, data(4), 4)).toMatchObject({
      programName: 'secp256k1',
      arguments: {
        signatures: [
          {
            eth_address: btoa('\x03'.repeat(20)),
            message: 'CAk=',
            signature_at: { offset: 32n, size: 65n, instruction: 4n },
          },
        ],
      },
    });
  });

  it('stands for itself by its number only', () => {
    expect(decode(SECP256K1_PROGRAM, data(255), 4)).toMatchObject({
      arguments: { signatures: [{ eth_address: null, message: null }] },
    });
    for (let length = 0; length < data(4).length; length++) {
      expect(decode(SECP256K1_PROGRAM, data(4).slice(0, length)).kind).toBe('unknown');
    }
  });
});
