import { describe, expect, it } from 'vitest';
import { keyAddress, keyBytes } from '../testing/wire-builder.ts';
import { decodeInstruction } from './decode-instruction.ts';
import { CONFIG_PROGRAM, FEATURE_GATE_PROGRAM } from './program-ids.ts';

const ACCOUNTS = [1, 2, 3].map((key) => ({ address: keyAddress(key), signer: true, writable: true }));

function decode(program: typeof CONFIG_PROGRAM, data: readonly number[], accounts = ACCOUNTS) {
  return decodeInstruction({ index: 0, program, accounts, data: Uint8Array.from(data) });
}

describe('Config', () => {
  it('reads the keys of a config and which of them must sign, and leaves its contents alone', () => {
    const stored = decode(CONFIG_PROGRAM, [2, ...keyBytes(5), 0, ...keyBytes(6), 1, 0xff, 0xfe]);
    expect(stored).toMatchObject({
      name: 'store',
      arguments: {
        keys: [
          { address: keyAddress(5), signer: false },
          { address: keyAddress(6), signer: true },
        ],
      },
    });
    expect(stored.accounts.map((account) => 'role' in account && account.role)).toEqual([
      'config_account',
      'signer_0',
      'signer_1',
    ]);
  });

  it('is unknown where the program would refuse it', () => {
    const tooMany = [38, ...new Array(38 * 33).fill(0)];
    for (const data of [[], [1, ...keyBytes(5)], [1, ...keyBytes(5), 2], [2, ...keyBytes(5), 1], tooMany]) {
      expect(decode(CONFIG_PROGRAM, data)).toMatchObject({ kind: 'unknown', programName: 'config' });
    }
    expect(decode(CONFIG_PROGRAM, [0], [])).toMatchObject({ kind: 'unknown' });
    expect(decode(CONFIG_PROGRAM, [0])).toMatchObject({ arguments: { keys: [] } });
  });
});

describe('Feature Gate', () => {
  it('knows its one instruction', () => {
    expect(decode(FEATURE_GATE_PROGRAM, [0])).toMatchObject({ name: 'revoke_pending_activation' });
    for (const data of [[], [1]]) expect(decode(FEATURE_GATE_PROGRAM, data)).toMatchObject({ kind: 'unknown' });
    expect(decode(FEATURE_GATE_PROGRAM, [0], ACCOUNTS.slice(1))).toMatchObject({ kind: 'unknown' });
  });
});
