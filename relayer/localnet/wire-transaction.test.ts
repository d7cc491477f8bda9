// Proves that the local chain's parser takes what the cluster takes, and names what is wrong with the rest.
import {
  type Address,
  appendTransactionMessageInstructions,
  compressTransactionMessageUsingAddressLookupTables,
  createTransactionMessage,
  generateKeyPairSigner,
  getCompiledTransactionMessageDecoder,
  getTransactionDecoder,
  type KeyPairSigner,
  pipe,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
} from '@solana/kit';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeBase58 } from '../base58.ts';
import {
  type BlockhashLifetime,
  constantLifetime,
  signedV1,
  signedWith,
  transferInstruction,
  wireOf,
} from './testing/signed-transaction.ts';
import { parseWireMessage, parseWireTransaction } from './wire-transaction.ts';

describe('parseWireTransaction', () => {
  const lifetime: BlockhashLifetime = constantLifetime();
  let payer: KeyPairSigner;
  let recipient: Address;
  let legacy: Uint8Array;
  let v0: Uint8Array;
  let v0WithLookup: Uint8Array;
  let v1: Uint8Array;

  beforeAll(async () => {
    payer = await generateKeyPairSigner();
    recipient = (await generateKeyPairSigner()).address;
    const table = (await generateKeyPairSigner()).address;
    const instructions = [transferInstruction(payer, recipient, 5n)];
    legacy = wireOf(await signedWith('legacy', payer, lifetime, instructions));
    v0 = wireOf(await signedWith(0, payer, lifetime, instructions));
    v1 = wireOf(await signedV1(payer, lifetime, instructions));
    const compressed = await pipe(
      createTransactionMessage({ version: 0 }),
      (message) => setTransactionMessageFeePayerSigner(payer, message),
      (message) => setTransactionMessageLifetimeUsingBlockhash(lifetime, message),
      (message) => appendTransactionMessageInstructions(instructions, message),
      (message) => compressTransactionMessageUsingAddressLookupTables(message, { [table]: [recipient] }),
      signTransactionMessageWithSigners,
    );
    v0WithLookup = wireOf(compressed);
  });

  it('reads legacy, v0, v0 with a lookup table, and v1 as kit does', () => {
    for (const wire of [legacy, v0, v0WithLookup, v1]) {
      const ours = parseWireTransaction(wire);
      const { messageBytes } = getTransactionDecoder().decode(wire);
      const theirs = getCompiledTransactionMessageDecoder().decode(messageBytes);
      expect(ours.version).toBe(theirs.version);
      expect(ours.keys.map(encodeBase58)).toEqual(theirs.staticAccounts);
      expect(encodeBase58(ours.blockhash)).toBe(theirs.lifetimeToken);
      expect(ours.signers).toBe(theirs.header.numSignerAccounts);
      expect(Buffer.from(ours.wire.subarray(ours.blockhashOffset, ours.blockhashOffset + 32))).toEqual(
        Buffer.from(ours.blockhash),
      );
      expect(parseWireMessage(Uint8Array.from(messageBytes)).keys).toEqual(ours.keys);
    }
  });

  it('refuses every truncation and a trailing byte', () => {
    for (const wire of [legacy, v0, v0WithLookup, v1]) {
      for (let length = 0; length < wire.length; length++) {
        expect(() => parseWireTransaction(wire.subarray(0, length))).toThrow(/at byte/);
      }
      expect(() => parseWireTransaction(Uint8Array.from([...wire, 0]))).toThrow(/1 trailing bytes/);
    }
  });

  it('refuses a length that is not in its shortest form', () => {
    const keyCountAt = 1 + 64 + 3;
    const long = [...legacy.subarray(0, keyCountAt), (legacy[keyCountAt] ?? 0) | 0x80, 0];
    const wire = Uint8Array.from([...long, ...legacy.subarray(keyCountAt + 1)]);
    expect(() => parseWireTransaction(wire)).toThrow(/address count is not in its shortest form/);
  });

  it.each([
    ['no signer', 0, 0, 'no writable signer|signatures for'],
    ['only readonly signers', 1, 1, 'no writable signer'],
    ['more accounts than keys', 2, 200, 'more accounts than there are keys'],
  ])('refuses a header with %s', (_case, at, value, problem) => {
    const wire = Uint8Array.from(legacy);
    wire[65 + at] = value;
    expect(() => parseWireTransaction(wire)).toThrow(new RegExp(problem));
  });

  it('refuses a program index of 0 or out of range, and an account index out of range', () => {
    const programAt = 65 + 3 + 1 + 3 * 32 + 32 + 1;
    const withByte = (offset: number, value: number) => {
      const wire = Uint8Array.from(legacy);
      wire[programAt + offset] = value;
      return wire;
    };
    expect(() => parseWireTransaction(withByte(0, 0))).toThrow(/program index 0/);
    expect(() => parseWireTransaction(withByte(0, 3))).toThrow(/program index 3/);
    expect(() => parseWireTransaction(withByte(2, 3))).toThrow(/account index 3/);
  });

  it('refuses another number of signatures than signers', () => {
    const wire = Uint8Array.from([2, ...legacy.subarray(1, 65), ...legacy.subarray(1)]);
    expect(() => parseWireTransaction(wire)).toThrow(/2 signatures for 1 signers/);
  });

  it('refuses what is larger than the cluster takes', () => {
    expect(() => parseWireTransaction(new Uint8Array(1233))).toThrow(/1233 bytes \(max: 1232\)/);
    expect(() => parseWireTransaction(new Uint8Array(4097).fill(0x81))).toThrow(/4097 bytes \(max: 4096\)/);
  });

  it('refuses a v1 message behind signatures and unknown versions', () => {
    const message = v1.subarray(0, v1.length - 64);
    const behind = Uint8Array.from([1, ...v1.subarray(v1.length - 64), ...message]);
    expect(() => parseWireTransaction(behind)).toThrow(/version 1 is not supported here/);
    expect(() => parseWireTransaction(Uint8Array.from([0x82, ...v1.subarray(1)]))).toThrow(/signature count/);
  });

  it.each([
    ['unknown config bits', 4, 0x20, 'unknown bits'],
    ['one of two fee bits', 4, 0x01, 'one of the two priority fee bits'],
    ['13 signatures', 1, 13, '13 signatures'],
    ['65 instructions', 40, 65, '65 instructions'],
    ['65 addresses', 41, 65, '65 addresses'],
  ])('refuses a v1 message with %s', (_case, at, value, problem) => {
    const wire = Uint8Array.from(v1);
    wire[at] = value;
    expect(() => parseWireTransaction(wire)).toThrow(new RegExp(problem));
  });
});
