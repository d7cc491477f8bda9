// Owns the Ed25519 precompile (solana-ed25519-program).
import { addressFromBytes } from '../../../base58.ts';
import { u16 } from '../data-reader.ts';
import type { NativeProgram } from '../instruction-table.ts';
import { ED25519_PROGRAM } from '../program-ids.ts';
import { precompile } from './precompile.ts';

export const ED25519: NativeProgram = precompile(
  {
    programName: 'ed25519',
    headerBytes: 2,
    readInstruction: u16,
    ownInstruction: 0xffffn,
    signatureBytes: 64,
    keyName: 'public_key',
    keyBytes: 32,
    readKey: addressFromBytes,
    mostSignatures: 255,
  },
  [ED25519_PROGRAM],
);
