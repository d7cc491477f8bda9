// Owns the addresses of the programs, sysvars and mints that the core knows by name.
import { knownAddress } from '../../base58.ts';

export const SYSTEM_PROGRAM = knownAddress('11111111111111111111111111111111');
export const TOKEN_PROGRAM = knownAddress('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA');
export const ASSOCIATED_TOKEN_PROGRAM = knownAddress('ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL');
export const COMPUTE_BUDGET_PROGRAM = knownAddress('ComputeBudget111111111111111111111111111111');
export const MEMO_PROGRAM_V1 = knownAddress('Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo');
export const MEMO_PROGRAM_V2 = knownAddress('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr');
export const MEMO_PROGRAM_V4 = knownAddress('Memo4c2pN8afCj432Lb7RMVKi9PbQnnW7ewFFaV3oAH');

/** Wrapped SOL. */
export const NATIVE_MINT = knownAddress('So11111111111111111111111111111111111111112');
