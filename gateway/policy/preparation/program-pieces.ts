// Owns how descriptions of programs go from one thread to another: as bytes, in pieces that are each quick to read.
import { deserialize, serialize } from 'node:v8';
import type {
  ArgumentType,
  InstructionDescription,
  ProgramDescription,
} from '../../core/transaction/idl/program-description.ts';

/** Reading so many bytes takes about a millisecond. */
const PIECE_BYTES = 64 * 1024;

/** Instructions and types are of the program before them. */
type Part =
  | { readonly kind: 'program'; readonly address: ProgramDescription['address']; readonly name: string }
  | { readonly kind: 'instruction'; readonly instruction: InstructionDescription }
  | { readonly kind: 'type'; readonly name: string; readonly type: ArgumentType };

export function programPieces(descriptions: readonly ProgramDescription[]): readonly Uint8Array<ArrayBuffer>[] {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let parts: Part[] = [];
  let room = PIECE_BYTES;
  const cut = (): void => {
    if (parts.length > 0) pieces.push(new Uint8Array(serialize(parts)));
    parts = [];
    room = PIECE_BYTES;
  };
  for (const part of descriptions.flatMap(partsOf)) {
    parts.push(part);
    room -= serialize(part).length;
    if (room <= 0) cut();
  }
  cut();
  return pieces;
}

/** Only for pieces that this process made. `pause` is awaited after each. */
export async function joinPrograms(
  pieces: readonly Uint8Array[],
  pause: () => Promise<void>,
): Promise<readonly ProgramDescription[]> {
  const read: Part[] = [];
  for (const piece of pieces) {
    const parts: readonly Part[] = deserialize(piece);
    read.push(...parts);
    await pause();
  }
  const programs: (ProgramDescription & {
    instructions: InstructionDescription[];
    types: Map<string, ArgumentType>;
  })[] = [];
  for (const part of read) {
    const last = programs.at(-1);
    if (part.kind === 'program') programs.push({ ...part, instructions: [], types: new Map() });
    else if (part.kind === 'instruction') last?.instructions.push(part.instruction);
    else last?.types.set(part.name, part.type);
  }
  return programs;
}

function partsOf({ address, name, instructions, types }: ProgramDescription): readonly Part[] {
  return [
    { kind: 'program', address, name },
    ...instructions.map((instruction): Part => ({ kind: 'instruction', instruction })),
    ...Array.from(types, ([typeName, type]): Part => ({ kind: 'type', name: typeName, type })),
  ];
}
