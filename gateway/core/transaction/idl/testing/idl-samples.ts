// Owns small IDLs of every generation, written for tests, and reading one instruction with them.
import { knownAddress } from '../../../base58.ts';
import type { AccountReference, DecodedInstruction } from '../../decoded-transaction.ts';
import type { DecodeProgram } from '../../programs/instruction-table.ts';
import { describeProgram } from '../describe-program.ts';
import { readIdl } from '../read-idl.ts';

export const PROGRAM = knownAddress('Fg6PaFpoGXkYsidMpWTK6W2BeZ7FEfcYkg476zPFsLnS');
export const SOMEBODY = knownAddress('1thX6LZfHDZZKUs92febYZhYRcXddmzfzF2NvTkPNE');

const TAG = [1, 2, 3, 4, 5, 6, 7, 8];

/** One instruction `act` with one argument `value`, as Anchor 0.30 and later write it. */
export function anchorIdl(type: unknown, types: readonly unknown[] = []) {
  return newAnchorIdl([{ name: 'act', discriminator: TAG, accounts: [], args: [{ name: 'value', type }] }], types);
}

export function newAnchorIdl(instructions: readonly unknown[], types: readonly unknown[] = []) {
  return { address: PROGRAM, metadata: { name: 'sample', version: '1.0.0', spec: '0.1.0' }, instructions, types };
}

/** As Anchor up to 0.29 writes it. */
export function oldAnchorIdl(instructions: readonly unknown[], types: readonly unknown[] = []) {
  return { version: '0.1.0', name: 'sample', instructions, types };
}

/** One instruction `act` of discriminator 9, a u8, with one argument `value`, as a Codama IDL. */
export function codamaIdl(type: unknown, definedTypes: readonly unknown[] = []) {
  return codamaProgram(
    [
      {
        kind: 'instructionNode',
        name: 'act',
        accounts: [],
        arguments: [codamaTag(9), { kind: 'instructionArgumentNode', name: 'value', type }],
        discriminators: [{ kind: 'fieldDiscriminatorNode', name: 'discriminator', offset: 0 }],
      },
    ],
    definedTypes,
  );
}

export function codamaProgram(instructions: readonly unknown[], definedTypes: readonly unknown[] = []) {
  const program = {
    kind: 'programNode',
    name: 'sample',
    publicKey: PROGRAM,
    version: '1.0.0',
    instructions,
    definedTypes,
  };
  return { kind: 'rootNode', standard: 'codama', version: '1.6.0', program, additionalPrograms: [] };
}

export function codamaTag(value: number) {
  return {
    kind: 'instructionArgumentNode',
    name: 'discriminator',
    defaultValueStrategy: 'omitted',
    type: number('u8'),
    defaultValue: { kind: 'numberValueNode', number: value },
  };
}

export function number(format: string, endian: 'le' | 'be' = 'le') {
  return { kind: 'numberTypeNode', format, endian };
}

/** Throws with the problems when the IDL is refused. */
function decoderOf(idl: unknown): DecodeProgram {
  const read = readIdl(idl, PROGRAM);
  if (read.kind === 'refused') throw new Error(read.problems.join('\n'));
  return describeProgram(read.program);
}

export function problemsOf(idl: unknown): readonly string[] {
  const read = readIdl(idl, PROGRAM);
  return read.kind === 'refused' ? read.problems : [];
}

export function decode(idl: unknown, data: readonly number[], accounts: readonly string[] = []): DecodedInstruction {
  const references: readonly AccountReference[] = accounts.map((address) => ({
    address: knownAddress(address),
    signer: false,
    writable: true,
  }));
  return decoderOf(idl)({ index: 0, program: PROGRAM, accounts: references, data: Uint8Array.from(data) });
}

/** What `act` of `anchorIdl` says of these bytes; of what cannot be read, the reason. */
export function readAnchor(idl: unknown, bytes: readonly number[]) {
  return outcome(decode(idl, [...TAG, ...bytes]));
}

/** The same of `codamaIdl`. */
export function readCodama(idl: unknown, bytes: readonly number[]) {
  return outcome(decode(idl, [9, ...bytes]));
}

function outcome(decoded: DecodedInstruction) {
  if (decoded.kind === 'unknown') return decoded.reason;
  return Object.keys(decoded.texts).length === 0 ? decoded.arguments : { ...decoded.arguments, texts: decoded.texts };
}
