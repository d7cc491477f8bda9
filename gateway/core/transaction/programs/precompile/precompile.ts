// Owns how an instruction of a signature precompile is read: a count, a table of offsets, and what they point at (agave-precompiles).
import { encodeBase64 } from '../../../base64.ts';
import type { ArgumentValue, DecodedInstruction } from '../../decoded-transaction.ts';
import { type DataReader, openData, u16 } from '../data-reader.ts';
import { known, type NativeProgram, type RawInstruction, unknown } from '../instruction-table.ts';

/** Reads one field of the table, and the number of the instruction that an offset points into. */
type ReadNumber = (reader: DataReader) => bigint;

export interface PrecompileLayout {
  readonly programName: string;
  /** Bytes in front of the table of offsets. The first is the count. */
  readonly headerBytes: number;
  /** Width of the number that says into which instruction an offset points. */
  readonly readInstruction: ReadNumber;
  /** What stands for the instruction itself beside its own number; `null`: nothing. */
  readonly ownInstruction: bigint | null;
  readonly signatureBytes: number;
  /** Name and size of what must have signed: a public key, or an address made from one. */
  readonly keyName: string;
  readonly keyBytes: number;
  readonly readKey: (bytes: Uint8Array) => string;
  /** More make the runtime refuse the instruction. */
  readonly mostSignatures: number;
}

const VERIFY_SIGNATURES = 'verify_signatures';

/** Without an opcode: there is but one instruction. It takes no accounts. */
export function precompile(layout: PrecompileLayout, addresses: NativeProgram['addresses']): NativeProgram {
  return {
    name: layout.programName,
    addresses,
    decode: (raw) => decodePrecompile(raw, layout),
    instructions: { [VERIFY_SIGNATURES]: { opcode: 0, roles: [] } },
  };
}

/**
 * A key or a message that stands in this instruction is given; of one that stands in another, where. Keys are claimed by nobody
 * but the data: that they signed is what the runtime checks. What it refuses is unknown.
 */
function decodePrecompile(raw: RawInstruction, layout: PrecompileLayout): DecodedInstruction {
  const { programName, headerBytes, mostSignatures } = layout;
  const { data, index } = raw;
  if (data.length < headerBytes) return unknown(raw, programName, `data of ${data.length} bytes hold no header`);
  const count = data[0] ?? 0;
  if (count > mostSignatures) return unknown(raw, programName, `${count} signatures are more than ${mostSignatures}`);
  if (count === 0 && data.length > headerBytes) return unknown(raw, programName, 'data without a signature');
  const reader = openData(data, headerBytes);
  const signatures: ArgumentValue[] = [];
  const room = { left: data.length };
  for (let i = 0; i < count && reader.failure === null; i++)
    signatures.push(readSignature(reader, index, layout, room));
  if (reader.failure !== null) return unknown(raw, programName, `${VERIFY_SIGNATURES}: ${reader.failure}`);
  const accounts = raw.accounts.map((account, i) => ({ ...account, role: `extra_${i}` }));
  return known(raw, programName, VERIFY_SIGNATURES, { accounts, arguments: { signatures } });
}

/** `room`: so many bytes of messages are still listed, lest many signatures of one message make more of it than was sent. */
function readSignature(
  reader: DataReader,
  index: number,
  layout: PrecompileLayout,
  room: { left: number },
): ArgumentValue {
  const { readInstruction, signatureBytes, keyName, keyBytes, readKey } = layout;
  const at = (size: bigint | null): Place => {
    const offset = u16(reader);
    return { offset, size: size ?? u16(reader), instruction: readInstruction(reader) };
  };
  const signature = at(BigInt(signatureBytes));
  const key = at(BigInt(keyBytes));
  const message = at(null);
  const here = (place: Place) => bytesHere(reader, index, layout, place);
  here(signature);
  const keyHere = here(key);
  const messageHere = here(message);
  const listed = messageHere !== null && messageHere.length <= room.left;
  if (listed) room.left -= messageHere.length;
  return {
    [keyName]: keyHere === null ? null : readKey(keyHere),
    [`${keyName}_at`]: { ...key },
    message: listed ? encodeBase64(messageHere) : null,
    message_at: { ...message },
    signature_at: { ...signature },
  };
}

interface Place {
  readonly offset: bigint;
  readonly size: bigint;
  readonly instruction: bigint;
}

/** `null`: it stands in another instruction. What points behind the data makes the instruction unreadable. */
function bytesHere(
  reader: DataReader,
  index: number,
  { ownInstruction }: PrecompileLayout,
  { offset, size, instruction }: Place,
): Uint8Array | null {
  if (instruction !== ownInstruction && instruction !== BigInt(index)) return null;
  const end = Number(offset + size);
  if (end > reader.data.length) {
    reader.failure ??= `an offset points to byte ${end} of ${reader.data.length}`;
    return null;
  }
  return reader.data.subarray(Number(offset), end);
}
