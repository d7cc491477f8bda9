// Owns writing an assembled sBPF program as the ELF file that the runtime loads (solana-sbpf, elf.rs): one text section, and a
// relocation for each syscall. The code is the first section, so it begins at its entry point.
import type { AssembledProgram } from './sbpf-assembler.ts';

const HEADER_BYTES = 64;
const SECTION_HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
const SYMBOL_BYTES = 24;
const RELOCATION_BYTES = 16;
const SLOT = 8;

const SHARED_OBJECT = 3;
const MACHINE_SBPF = 263;
const PROGBITS = 1;
const STRTAB = 3;
const DYNAMIC = 6;
const REL = 9;
const DYNSYM = 11;
/** A call of a name: the hash of it goes into the instruction. */
const R_BPF_64_32 = 10n;
const DT_SYMTAB = 6n;
const DT_REL = 17n;
const DT_RELSZ = 18n;
const DT_RELENT = 19n;
const GLOBAL_SYMBOL = 0x10;
const SECTION_ALLOCATED = 2n;

interface Section {
  readonly name: string;
  readonly type: number;
  readonly content: Uint8Array;
}

export function elfOf({ code, syscalls }: AssembledProgram): Uint8Array {
  const names = [...new Set(syscalls.map(({ name }) => name))];
  const strings = stringTable(names);
  const symbols = Buffer.alloc(SYMBOL_BYTES * (names.length + 1));
  for (const [n, name] of names.entries()) {
    symbols.writeUInt32LE(strings.offsetOf(name), SYMBOL_BYTES * (n + 1));
    symbols.writeUInt8(GLOBAL_SYMBOL, SYMBOL_BYTES * (n + 1) + 4);
  }
  const relocations = Buffer.alloc(RELOCATION_BYTES * syscalls.length);
  for (const [n, { slot, name }] of syscalls.entries()) {
    relocations.writeBigUInt64LE(BigInt(HEADER_BYTES + slot * SLOT), RELOCATION_BYTES * n);
    relocations.writeBigUInt64LE((BigInt(names.indexOf(name) + 1) << 32n) | R_BPF_64_32, RELOCATION_BYTES * n + 8);
  }
  const dynamicAt = HEADER_BYTES + code.length;
  const symbolsAt = dynamicAt + 5 * 16;
  const stringsAt = symbolsAt + symbols.length;
  const relocationsAt = stringsAt + strings.bytes.length;
  const dynamic = pairs([
    [DT_REL, BigInt(relocationsAt)],
    [DT_RELSZ, BigInt(relocations.length)],
    [DT_RELENT, BigInt(RELOCATION_BYTES)],
    [DT_SYMTAB, BigInt(symbolsAt)],
    [0n, 0n],
  ]);
  return fileOf([
    { name: '.text', type: PROGBITS, content: code },
    { name: '.dynamic', type: DYNAMIC, content: dynamic },
    { name: '.dynsym', type: DYNSYM, content: symbols },
    { name: '.dynstr', type: STRTAB, content: strings.bytes },
    { name: '.rel.dyn', type: REL, content: relocations },
  ]);
}

/** Sections stand one behind the other, each at the address that is its place in the file. */
function fileOf(sections: readonly Section[]): Uint8Array {
  const names = stringTable([...sections.map(({ name }) => name), '.shstrtab']);
  const all: readonly Section[] = [...sections, { name: '.shstrtab', type: STRTAB, content: names.bytes }];
  const headersAt = HEADER_BYTES + all.reduce((sum, { content }) => sum + content.length, 0);
  const file = Buffer.alloc(headersAt + SECTION_HEADER_BYTES * (all.length + 1));
  writeFileHeader(file, headersAt, all.length + 1);
  let at = HEADER_BYTES;
  for (const [n, { name, type, content }] of all.entries()) {
    file.set(content, at);
    const header = headersAt + SECTION_HEADER_BYTES * (n + 1);
    file.writeUInt32LE(names.offsetOf(name), header);
    file.writeUInt32LE(type, header + 4);
    file.writeBigUInt64LE(SECTION_ALLOCATED, header + 8);
    file.writeBigUInt64LE(BigInt(at), header + 16);
    file.writeBigUInt64LE(BigInt(at), header + 24);
    file.writeBigUInt64LE(BigInt(content.length), header + 32);
    at += content.length;
  }
  return new Uint8Array(file);
}

function writeFileHeader(file: Buffer, sectionHeadersAt: number, sectionCount: number): void {
  // Magic, 64 bits, little endian, version 1.
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.writeUInt16LE(SHARED_OBJECT, 16);
  file.writeUInt16LE(MACHINE_SBPF, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(BigInt(HEADER_BYTES), 24);
  file.writeBigUInt64LE(BigInt(HEADER_BYTES), 32);
  file.writeBigUInt64LE(BigInt(sectionHeadersAt), 40);
  file.writeUInt16LE(HEADER_BYTES, 52);
  file.writeUInt16LE(PROGRAM_HEADER_BYTES, 54);
  file.writeUInt16LE(SECTION_HEADER_BYTES, 58);
  file.writeUInt16LE(sectionCount, 60);
  file.writeUInt16LE(sectionCount - 1, 62);
}

/** Zero-terminated texts behind an empty one, padded so that what follows is aligned. */
function stringTable(names: readonly string[]): { readonly bytes: Uint8Array; offsetOf(name: string): number } {
  const text = `\0${names.map((name) => `${name}\0`).join('')}`;
  const bytes = Buffer.alloc(Math.ceil(text.length / SLOT) * SLOT);
  bytes.write(text, 'latin1');
  return { bytes, offsetOf: (name) => text.indexOf(`\0${name}\0`) + 1 };
}

function pairs(entries: readonly (readonly [bigint, bigint])[]): Uint8Array {
  const bytes = Buffer.alloc(entries.length * 16);
  for (const [n, [tag, value]] of entries.entries()) {
    bytes.writeBigUInt64LE(tag, n * 16);
    bytes.writeBigUInt64LE(value, n * 16 + 8);
  }
  return bytes;
}
