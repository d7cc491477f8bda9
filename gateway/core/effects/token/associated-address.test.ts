import { createHash } from 'node:crypto';
import { findAssociatedTokenPda } from '@solana-program/token';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../sha256.ts';
import { TOKEN_2022_PROGRAM, TOKEN_PROGRAM } from '../../transaction/programs/program-ids.ts';
import { keyAddress } from '../../transaction/testing/wire-builder.ts';
import { isAssociatedAddress } from './associated-address.ts';

describe('isAssociatedAddress', () => {
  it('knows what kit derives, and nothing else', async () => {
    for (let i = 0; i < 40; i++) {
      const [owner, mint, other] = [keyAddress(i), keyAddress(1_000 + i), keyAddress(2_000 + i)];
      const [program, otherProgram] = i % 2 ? [TOKEN_PROGRAM, TOKEN_2022_PROGRAM] : [TOKEN_2022_PROGRAM, TOKEN_PROGRAM];
      const [account] = await findAssociatedTokenPda({ owner, mint, tokenProgram: program });
      expect(isAssociatedAddress(account, owner, mint, program)).toBe(true);
      expect(isAssociatedAddress(account, owner, mint, otherProgram)).toBe(false);
      expect(isAssociatedAddress(account, other, mint, program)).toBe(false);
      expect(isAssociatedAddress(account, owner, other, program)).toBe(false);
      expect(isAssociatedAddress(other, owner, mint, program)).toBe(false);
    }
  });
});

describe('sha256', () => {
  it('hashes as node:crypto does, at every length around the blocks', () => {
    for (let length = 0; length <= 200; length++) {
      const message = Uint8Array.from({ length }, (_, i) => (i * 37 + length) & 0xff);
      expect(Buffer.from(sha256(message)).toString('hex')).toBe(createHash('sha256').update(message).digest('hex'));
    }
  });
});
