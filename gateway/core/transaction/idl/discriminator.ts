// Owns telling a program's instructions apart by the bytes that they begin with.
import type { Discriminator, InstructionDescription } from './program-description.ts';

/** Whether some data could be of both. */
export function overlap(one: Discriminator, other: Discriminator): boolean {
  if (one.size !== null && other.size !== null && one.size !== other.size) return false;
  if (cannotHold(one.size, other) || cannotHold(other.size, one)) return false;
  return !one.bytes.some((a) =>
    other.bytes.some((b) => {
      const end = Math.min(a.offset + a.bytes.length, b.offset + b.bytes.length);
      for (let at = Math.max(a.offset, b.offset); at < end; at++) {
        if (a.bytes[at - a.offset] !== b.bytes[at - b.offset]) return true;
      }
      return false;
    }),
  );
}

function cannotHold(size: number | null, { bytes }: Discriminator): boolean {
  return size !== null && bytes.some((part) => part.offset + part.bytes.length > size);
}

function fits(data: Uint8Array, { bytes, size }: Discriminator): boolean {
  if (size !== null && data.length !== size) return false;
  for (const part of bytes) {
    for (let i = 0; i < part.bytes.length; i++) if (data[part.offset + i] !== part.bytes[i]) return false;
  }
  return true;
}

export type FindInstruction = (data: Uint8Array) => InstructionDescription | null;

/** Of instructions that do not overlap: the one that the data are of. */
export function instructionFinder(instructions: readonly InstructionDescription[]): FindInstruction {
  const byFirstByte = new Map<number, InstructionDescription[]>();
  const anywhere: InstructionDescription[] = [];
  for (const instruction of instructions) {
    const first = instruction.discriminator.bytes.find(({ offset, bytes }) => offset === 0 && bytes.length > 0)
      ?.bytes[0];
    const bucket = first === undefined ? anywhere : (byFirstByte.get(first) ?? []);
    bucket.push(instruction);
    if (first !== undefined) byFirstByte.set(first, bucket);
  }
  const among = (candidates: readonly InstructionDescription[], data: Uint8Array) => {
    for (const candidate of candidates) if (fits(data, candidate.discriminator)) return candidate;
    return null;
  };
  return (data) => among(byFirstByte.get(data[0] ?? -1) ?? [], data) ?? among(anywhere, data);
}
