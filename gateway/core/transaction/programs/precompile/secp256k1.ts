// Owns the Secp256k1 precompile (solana-secp256k1-program): signatures of Ethereum addresses.
import { encodeBase64 } from '../../../base64.ts';
import { u8 } from '../data-reader.ts';
import type { NativeProgram } from '../instruction-table.ts';
import { SECP256K1_PROGRAM } from '../program-ids.ts';
import { precompile } from './precompile.ts';

export const SECP256K1: NativeProgram = precompile(
  {
    programName: 'secp256k1',
    headerBytes: 1,
    readInstruction: u8,
    // It stands for itself by its number only.
    ownInstruction: null,
    // With the recovery id behind it.
    signatureBytes: 65,
    keyName: 'eth_address',
    keyBytes: 20,
    readKey: encodeBase64,
    mostSignatures: 255,
  },
  [SECP256K1_PROGRAM],
);
