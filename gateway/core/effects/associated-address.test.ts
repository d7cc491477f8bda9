import { createHash } from 'node:crypto';
import { findAssociatedTokenPda, TOKEN_PROGRAM_ADDRESS } from '@solana-program/token';
import { describe, expect, it } from 'vitest';
import { keyAddress } from '../transaction/testing/wire-builder.ts';
import { isAssociatedAddress } from './associated-address.ts';
import { sha256 } from './sha256.ts';

describe('isAssociatedAddress', () => {
  it('knows what kit derives, and nothing else', async () => {
    for (let i = 0; i < 40; i++) {
      const [owner, mint, other] = [keyAddress(i), keyAddress(1_000 + i), keyAddress(2_000 + i)];
      const [account] = await findAssociatedTokenPda({ owner, mint, tokenProgram: TOKEN_PROGRAM_ADDRESS });
      expect(isAssociatedAddress(account, owner, mint)).toBe(true);
      expect(isAssociatedAddress(account, other, mint)).toBe(false);
      expect(isAssociatedAddress(account, owner, other)).toBe(false);
      expect(isAssociatedAddress(other, owner, mint)).toBe(false);
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
