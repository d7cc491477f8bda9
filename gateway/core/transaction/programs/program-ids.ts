// Owns the addresses of the programs, sysvars and mints that the core knows by name.
import { knownAddress } from '../../base58.ts';

export const SYSTEM_PROGRAM = knownAddress('11111111111111111111111111111111');
export const TOKEN_PROGRAM = knownAddress('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA');
export const TOKEN_2022_PROGRAM = knownAddress('TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb');
export const ASSOCIATED_TOKEN_PROGRAM = knownAddress('ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL');
export const COMPUTE_BUDGET_PROGRAM = knownAddress('ComputeBudget111111111111111111111111111111');
export const MEMO_PROGRAM_V1 = knownAddress('Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo');
export const MEMO_PROGRAM_V2 = knownAddress('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr');
export const MEMO_PROGRAM_V4 = knownAddress('Memo4c2pN8afCj432Lb7RMVKi9PbQnnW7ewFFaV3oAH');
export const LOADER_V1_PROGRAM = knownAddress('BPFLoader1111111111111111111111111111111111');
export const LOADER_V2_PROGRAM = knownAddress('BPFLoader2111111111111111111111111111111111');
export const LOADER_V3_PROGRAM = knownAddress('BPFLoaderUpgradeab1e11111111111111111111111');
export const LOADER_V4_PROGRAM = knownAddress('LoaderV411111111111111111111111111111111111');
export const ED25519_PROGRAM = knownAddress('Ed25519SigVerify111111111111111111111111111');
export const SECP256K1_PROGRAM = knownAddress('KeccakSecp256k11111111111111111111111111111');
export const SECP256R1_PROGRAM = knownAddress('Secp256r1SigVerify1111111111111111111111111');
export const STAKE_PROGRAM = knownAddress('Stake11111111111111111111111111111111111111');
export const VOTE_PROGRAM = knownAddress('Vote111111111111111111111111111111111111111');
export const ADDRESS_LOOKUP_TABLE_PROGRAM = knownAddress('AddressLookupTab1e1111111111111111111111111');
export const CONFIG_PROGRAM = knownAddress('Config1111111111111111111111111111111111111');
export const FEATURE_GATE_PROGRAM = knownAddress('Feature111111111111111111111111111111111111');
export const LIGHTHOUSE_PROGRAM = knownAddress('L2TExMFKdjpN9kozasaurPirfHy9P8sbXoAn1qA3S95');

export const CLOCK_SYSVAR = knownAddress('SysvarC1ock11111111111111111111111111111111');
export const RENT_SYSVAR = knownAddress('SysvarRent111111111111111111111111111111111');

/** Wrapped SOL. */
export const NATIVE_MINT = knownAddress('So11111111111111111111111111111111111111112');
/** Wrapped SOL under Token-2022. */
export const NATIVE_MINT_2022 = knownAddress('9pan9bMn5HatX4EJdBwg9VgCa7Uz5HL8N1m5D3NdXejP');
