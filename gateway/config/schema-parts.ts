// Owns the parts of the configuration's schema that several sections are made of.
import * as z from 'zod';

export const path = z.string().min(1).max(4096);
export const text = z.string().min(1).max(2048);

/** Names of signers, relayers, wallets and principals. */
export const name = z.string().regex(/^[a-z0-9-]{1,64}$/, { error: 'must be 1 to 64 of a-z, 0-9 and dash' });

export const address = z
  .string()
  .regex(/^[1-9A-HJ-NP-Za-km-z]{32,44}$/, { error: 'must be an address in base58, 32 to 44 characters' });

export const environmentVariable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'must be the name of an environment variable' });

export const milliseconds = (least: number, greatest: number) => z.int().min(least).max(greatest);
