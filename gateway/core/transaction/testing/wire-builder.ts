// Owns writing wire transactions by hand for tests: any field may be wrong.
import type { Address } from '../../address.ts';
import { addressFromBytes } from '../../base58.ts';

export interface WireInstruction {
  readonly program: number;
  readonly accounts: readonly number[];
  readonly data: readonly number[];
}

export interface WireLookup {
  readonly table: number;
  readonly writable: readonly number[];
  readonly readonly: readonly number[];
}

export interface WirePlan {
  readonly version?: 'legacy' | 0 | 1;
  /** Required signatures, readonly signers, readonly others. */
  readonly header?: readonly [number, number, number];
  /** Numbers of keys. */
  readonly keys?: readonly number[];
  readonly instructions?: readonly WireInstruction[];
  readonly lookups?: readonly WireLookup[];
  readonly configMask?: number;
  readonly configBytes?: readonly number[];
  /** Slots written; as many as the header requires when not given. */
  readonly signatures?: readonly (readonly number[])[];
}

/** Thirty-two bytes that name a key by a number. */
export function keyBytes(number: number): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => (i === 31 ? number & 0xff : i === 30 ? number >> 8 : 1));
}

export function keyAddress(number: number): Address {
  return addressFromBytes(keyBytes(number));
}

/** Without a plan: one signer, one program, one instruction without accounts or data. */
export function buildWire(plan: WirePlan = {}): Uint8Array {
  const { version = 'legacy', header = [1, 0, 1], signatures } = plan;
  const slots = signatures ?? Array.from({ length: header[0] }, () => new Array<number>(64).fill(0));
  const message = version === 1 ? messageV1(plan, header) : messageLegacyOrV0(plan, header, version);
  const parts = version === 1 ? [message, ...slots] : [[slots.length], ...slots, message];
  return Uint8Array.from(parts.flat());
}

/** A compact-u16. */
export function shortLength(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, value >> 7];
}

const KEYS = [0, 1];
const INSTRUCTIONS: readonly WireInstruction[] = [{ program: 1, accounts: [], data: [] }];
const TOKEN = new Array<number>(32).fill(9);

function messageLegacyOrV0(plan: WirePlan, header: readonly number[], version: 'legacy' | 0): number[] {
  const { keys = KEYS, instructions = INSTRUCTIONS, lookups = [] } = plan;
  const encoded = instructions.flatMap(({ program, accounts, data }) => [
    program,
    ...shortLength(accounts.length),
    ...accounts,
    ...shortLength(data.length),
    ...data,
  ]);
  const tables = lookups.flatMap(({ table, writable, readonly }) => [
    ...keyBytes(table),
    ...shortLength(writable.length),
    ...writable,
    ...shortLength(readonly.length),
    ...readonly,
  ]);
  return [
    ...(version === 0 ? [0x80] : []),
    ...header,
    ...shortLength(keys.length),
    ...keys.flatMap((key) => [...keyBytes(key)]),
    ...TOKEN,
    ...shortLength(instructions.length),
    ...encoded,
    ...(version === 0 ? [...shortLength(lookups.length), ...tables] : []),
  ];
}

function messageV1(plan: WirePlan, header: readonly number[]): number[] {
  const { keys = KEYS, instructions = INSTRUCTIONS, configMask = 0, configBytes = [] } = plan;
  const mask = [0, 8, 16, 24].map((shift) => (configMask >>> shift) & 0xff);
  return [
    0x81,
    ...header,
    ...mask,
    ...TOKEN,
    instructions.length,
    keys.length,
    ...keys.flatMap((key) => [...keyBytes(key)]),
    ...configBytes,
    ...instructions.flatMap((i) => [i.program, i.accounts.length, i.data.length & 0xff, i.data.length >> 8]),
    ...instructions.flatMap((i) => [...i.accounts, ...i.data]),
  ];
}
