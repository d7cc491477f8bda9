import { describe, expect, it } from 'vitest';
import type { Address } from '../../../address.ts';
import { keyAddress } from '../../testing/wire-builder.ts';
import { decodeInstruction } from '../decode-instruction.ts';
import { LIGHTHOUSE_PROGRAM, STAKE_PROGRAM } from '../program-ids.ts';

const STAKE_HEX = '06a1d8179137542a983437bdfe2a7ab2557f535c8a78722b68a49dc000000000';

/** What the published client (lighthouse-sdk 2.1.0) writes, and what it was asked to write. */
const PUBLISHED: readonly (readonly [string, string, number, object])[] = [
  [
    'memory_write',
    '0003feac020101',
    5,
    { memory_id: 3n, memory_bump: 254n, write_offset: 300n, write_type: { account_info_field: 'lamports' } },
  ],
  ['memory_write', '0003fe000040000800', 5, { write_type: { account_data: { offset: 64n, data_length: 8n } } }],
  ['memory_write', '0003fe00020b03010203', 5, { write_type: { data_value: { bytes: 'AQID' } } }],
  ['memory_close', '0103fe', 3, { memory_id: 3n, memory_bump: 254n }],
  [
    'assert_account_data',
    '0200c801074d0000000000000002',
    1,
    { log_level: 'silent', assertion: { offset: 200n, assertion: { u64: { value: 77n, operator: 'greater_than' } } } },
  ],
  [
    'assert_account_data',
    '0200000b02090801',
    1,
    { assertion: { offset: 0n, assertion: { bytes: { value: 'CQg=', operator: 'not_equal' } } } },
  ],
  [
    'assert_account_data_multi',
    '030102010001000204feff03',
    1,
    {
      log_level: 'plaintext_message',
      assertions: [
        { offset: 1n, assertion: { bool: { value: true, operator: 'equal' } } },
        { offset: 2n, assertion: { i16: { value: -2n, operator: 'less_than' } } },
      ],
    },
  ],
  [
    'assert_account_delta',
    '040400000078ecffffffffffffffffffffffffffff04',
    2,
    {
      log_level: 'failed_plaintext_message',
      assertion: {
        account_info: {
          a_offset: 0n,
          assertion: { lamports: { value: -5000n, operator: 'greater_than_or_equal' } },
        },
      },
    },
  ],
  [
    'assert_account_delta',
    '04040100400678ecffffffffffffffffffffffffffff04',
    2,
    {
      assertion: {
        data: {
          a_offset: 0n,
          b_offset: 64n,
          assertion: { u64: { value: -5000n, operator: 'greater_than_or_equal' } },
        },
      },
    },
  ],
  [
    'assert_account_info',
    '05000040420f000000000004',
    1,
    { assertion: { lamports: { value: 1_000_000n, operator: 'greater_than_or_equal' } } },
  ],
  [
    'assert_account_info_multi',
    '0600030040420f00000000000403020001000000000000000000',
    1,
    {
      assertions: [
        { lamports: { value: 1_000_000n, operator: 'greater_than_or_equal' } },
        { known_owner: { value: 'token_2022', operator: 'equal' } },
        { data_length: { value: 0n, operator: 'equal' } },
      ],
    },
  ],
  ['assert_mint_account', '0700000000', 1, { assertion: { mint_authority: { value: null, operator: 'equal' } } }],
  [
    'assert_mint_account_multi',
    `080002010900000000000000050401${STAKE_HEX}01`,
    1,
    {
      assertions: [
        { supply: { value: 9n, operator: 'less_than_or_equal' } },
        { freeze_authority: { value: STAKE_PROGRAM, operator: 'not_equal' } },
      ],
    },
  ],
  [
    'assert_token_account',
    '090602000000000000008004',
    1,
    {
      log_level: 'failed_encoded_noop',
      assertion: { amount: { value: 2n ** 63n, operator: 'greater_than_or_equal' } },
    },
  ],
  [
    'assert_token_account_multi',
    `0a00050205000000000000000401${STAKE_HEX}0003000008040106`,
    1,
    {
      assertions: [
        { amount: { value: 5n, operator: 'greater_than_or_equal' } },
        { owner: { value: STAKE_PROGRAM, operator: 'equal' } },
        { delegate: { value: null, operator: 'equal' } },
        'token_account_owner_is_derived',
        { state: { value: 1n, operator: 'contains' } },
      ],
    },
  ],
  [
    'assert_stake_account',
    `0b000102${STAKE_HEX}00`,
    1,
    { assertion: { meta_assertion: { authorized_withdrawer: { value: STAKE_PROGRAM, operator: 'equal' } } } },
  ],
  [
    'assert_stake_account_multi',
    '0c00020201030000000000000002000200',
    1,
    {
      assertions: [
        { stake_assertion: { delegation_stake: { value: 3n, operator: 'greater_than' } } },
        { state: { value: 'stake', operator: 'equal' } },
      ],
    },
  ],
  [
    'assert_upgradeable_loader_account',
    '0d0003000000',
    1,
    { assertion: { program_data: { upgrade_authority: { value: null, operator: 'equal' } } } },
  ],
  [
    'assert_upgradeable_loader_account_multi',
    '0e000203010c0000000000000000000300',
    1,
    {
      assertions: [
        { program_data: { slot: { value: 12n, operator: 'equal' } } },
        { state: { value: 'program_data', operator: 'equal' } },
      ],
    },
  ],
  [
    'assert_sysvar_clock',
    '0f000400d2496b0000000005',
    0,
    { assertion: { unix_timestamp: { value: 1_800_000_000n, operator: 'less_than_or_equal' } } },
  ],
  [
    'assert_merkle_tree_account',
    `10000007000000${'01'.repeat(32)}`,
    3,
    { assertion: { verify_leaf: { leaf_index: 7n, leaf_hash: btoa('\x01'.repeat(32)) } } },
  ],
  [
    'assert_bubblegum_tree_config_account',
    '110003040000000000000003',
    1,
    { assertion: { num_minted: { value: 4n, operator: 'less_than' } } },
  ],
];

function decode(data: readonly number[], accounts: number) {
  const keys: readonly Address[] = Array.from({ length: accounts }, (_, i) => keyAddress(i));
  const references = keys.map((address) => ({ address, signer: false, writable: false }));
  const raw = { index: 0, program: LIGHTHOUSE_PROGRAM, accounts: references, data: Uint8Array.from(data) };
  return decodeInstruction(raw);
}

const fromHex = (hex: string) => [...Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))];

describe('Lighthouse', () => {
  it.each(PUBLISHED)('reads %s as the published client writes it: %s', (name, hex, accounts, expected) => {
    const data = fromHex(hex);
    const decoded = decode(data, accounts);
    expect(decoded).toMatchObject({ kind: 'known', programName: 'lighthouse', name, arguments: expected });
    expect(decode([...data, 1, 2, 3], accounts + 1)).toMatchObject({ kind: 'known', arguments: expected });
  });

  it.each(PUBLISHED)('does not know %s cut short, or with too few accounts: %s', (name, hex, accounts) => {
    const data = fromHex(hex);
    for (let length = 0; length < data.length; length++) {
      expect(decode(data.slice(0, length), accounts)).toMatchObject({ kind: 'unknown', programName: 'lighthouse' });
    }
    if (accounts > 0) expect(decode(data, accounts - 1)).toMatchObject({ reason: expect.stringContaining(name) });
  });

  it('reads every fact about an account by its number, and no boolean but 0 and 1', () => {
    const info = (...bytes: readonly number[]) => decode([5, 0, ...bytes, ...new Array<number>(60).fill(0)], 1);
    const facts = ['lamports', 'data_length', 'owner', 'known_owner', 'rent_epoch', 'is_signer', 'is_writable'];
    [...facts, 'executable', 'verify_datahash'].forEach((fact, number) => {
      expect(info(number)).toMatchObject({ arguments: { assertion: { [fact]: expect.anything() } } });
    });
    expect(info(9)).toMatchObject({ kind: 'unknown' });
    expect(info(5, 1)).toMatchObject({ arguments: { assertion: { is_signer: { value: true } } } });
    expect(info(5, 2)).toMatchObject({ kind: 'unknown' });
  });

  it('knows no opcode, variant, operator or log level beyond the last', () => {
    for (const hex of ['12000000', '0900090000', '0900000000', '050700', '0500000000000000000000'.concat('08')]) {
      expect(decode(fromHex(hex), 5)).toMatchObject({ kind: 'unknown' });
    }
  });

  it('reads a padded LEB128 number, and none above a u64', () => {
    const write = (offset: string) => decode(fromHex(`0000ff${offset}0100`), 5);
    expect(write('8000')).toMatchObject({ arguments: { write_offset: 0n } });
    expect(write(`${'ff'.repeat(9)}01`)).toMatchObject({ arguments: { write_offset: 2n ** 64n - 1n } });
    expect(write(`${'ff'.repeat(9)}02`)).toMatchObject({ reason: expect.stringContaining('larger than a u64') });
    expect(write('80'.repeat(11))).toMatchObject({ kind: 'unknown' });
  });

  it('reads no list longer than the data behind its length', () => {
    expect(decode(fromHex('0a00ff8f01080808'), 1)).toMatchObject({
      kind: 'unknown',
      reason: expect.stringContaining('does not fit'),
    });
  });
});
