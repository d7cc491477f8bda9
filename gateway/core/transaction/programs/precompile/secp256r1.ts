// Owns the Secp256r1 precompile (solana-secp256r1-program).
import { encodeBase64 } from '../../../base64.ts';
import { u16 } from '../data-reader.ts';
import type { NativeProgram } from '../instruction-table.ts';
import { SECP256R1_PROGRAM } from '../program-ids.ts';
import { precompile } from './precompile.ts';

export const SECP256R1: NativeProgram = precompile(
  {
    programName: 'secp256r1',
    headerBytes: 2,
    readInstruction: u16,
    ownInstruction: 0xffffn,
    signatureBytes: 64,
    // Compressed.
    keyName: 'public_key',
    keyBytes: 33,
    readKey: encodeBase64,
    mostSignatures: 8,
  },
  [SECP256R1_PROGRAM],
);
