import { describe, expect, it } from 'vitest';
import {
  anchorIdl,
  codamaProgram,
  codamaTag,
  decode,
  newAnchorIdl,
  oldAnchorIdl,
  PROGRAM,
  SOMEBODY,
} from './testing/idl-samples.ts';

const OTHER = 'Stake11111111111111111111111111111111111111';

/** The first 8 bytes of SHA-256 over `global:initialize` and `global:swap_v2`, as Anchor programs are called on chain. */
const INITIALIZE = [0xaf, 0xaf, 0x6d, 0x1f, 0x0d, 0x98, 0x9b, 0xed];
const SWAP_V2 = [0x2b, 0x04, 0xed, 0x0b, 0x1a, 0xc9, 0x1e, 0x62];
const SET_LP_FEE = [0xe6, 0xe0, 0x25, 0x0c, 0x17, 0xed, 0x5d, 0x4b];

describe('an instruction is found', () => {
  const old = oldAnchorIdl([
    { name: 'initialize', accounts: [], args: [] },
    { name: 'swapV2', accounts: [], args: [{ name: 'amountIn', type: 'u64' }] },
  ]);

  it('by the hash of its name in an old Anchor IDL', () => {
    expect(decode(old, INITIALIZE)).toMatchObject({ kind: 'described', programName: 'sample', name: 'initialize' });
    expect(decode(old, [...SWAP_V2, 5, 0, 0, 0, 0, 0, 0, 0])).toMatchObject({
      name: 'swap_v2',
      arguments: { amount_in: 5n },
    });
  });

  it('by the hash of a name whose words Anchor would part so', () => {
    const idl = oldAnchorIdl([{ name: 'setLPFee', accounts: [], args: [] }]);
    // SHA-256 over `global:set_lp_fee`.
    expect(decode(idl, SET_LP_FEE)).toMatchObject({ name: 'set_lp_fee' });
  });

  it('by the bytes that a new Anchor IDL writes down, of any length', () => {
    const idl = newAnchorIdl([
      { name: 'deposit_sol', discriminator: [7], accounts: [], args: [{ name: 'lamports', type: 'u8' }] },
      { name: 'deposit_all', discriminator: [8, 1], accounts: [], args: [] },
    ]);
    expect(decode(idl, [7, 9])).toMatchObject({ name: 'deposit_sol', arguments: { lamports: 9n } });
    expect(decode(idl, [8, 1])).toMatchObject({ name: 'deposit_all' });
  });

  it.each([
    ['u8', [3]],
    ['u16', [3, 0]],
    ['u32', [3, 0, 0, 0]],
  ])('by its number of type %s in an IDL of Shank', (type, bytes) => {
    const idl = {
      ...oldAnchorIdl([
        { name: 'Redeem', accounts: [], args: [{ name: 'amount', type: 'u8' }], discriminant: { type, value: 3 } },
      ]),
      metadata: { origin: 'shank', address: PROGRAM },
    };
    expect(decode(idl, [...bytes, 5])).toMatchObject({ name: 'redeem', arguments: { amount: 5n } });
  });

  it('or is unknown, with the program named', () => {
    expect(decode(old, [1, 2, 3])).toEqual({
      kind: 'unknown',
      index: 0,
      program: PROGRAM,
      programName: 'sample',
      reason: 'the IDL has no instruction that begins with 0x010203',
      accounts: [],
      data: Uint8Array.of(1, 2, 3),
    });
  });
});

describe('an event that an Anchor program emits by calling itself', () => {
  const EVENT = [0xe4, 0x45, 0xa5, 0x2e, 0x51, 0xcb, 0x9a, 0x1d];
  const events = [{ name: 'Swapped' }];

  it('has a name, and its bytes', () => {
    expect(decode({ ...anchorIdl('u8'), events }, [...EVENT, 1, 2], [SOMEBODY])).toMatchObject({
      name: 'anchor_event',
      accounts: [{ role: 'event_authority' }],
      arguments: { event: 'AQI=' },
    });
  });

  it('leaves an instruction of the program that begins alike as it is', () => {
    const own = newAnchorIdl([{ name: 'own', discriminator: EVENT.slice(0, 2), accounts: [], args: [] }]);
    expect(decode({ ...own, events }, EVENT, [SOMEBODY])).toMatchObject({ name: 'own' });
  });

  it('leaves its name to an instruction of the program', () => {
    const own = newAnchorIdl([{ name: 'anchorEvent', discriminator: [7], accounts: [], args: [] }]);
    expect(decode({ ...own, events }, EVENT, [SOMEBODY]).kind).toBe('unknown');
  });

  it('is unknown where the IDL knows no events', () => {
    expect(decode(anchorIdl('u8'), EVENT, [SOMEBODY]).kind).toBe('unknown');
  });
});

describe('accounts have the roles of the IDL', () => {
  const roles = (accounts: unknown, given: readonly string[], more = {}) => {
    const decoded = decode(
      newAnchorIdl([{ name: 'act', discriminator: [1], accounts, args: [], ...more }]),
      [1],
      given,
    );
    return decoded.kind === 'unknown' ? decoded.reason : decoded.accounts.map(({ role }) => role);
  };
  const three = [SOMEBODY, SOMEBODY, SOMEBODY];

  it('in snake case, and accounts beyond them are numbered', () => {
    expect(roles([{ name: 'payer' }, { name: 'tokenMintA' }], [...three, SOMEBODY])).toEqual([
      'payer',
      'token_mint_a',
      'extra_0',
      'extra_1',
    ]);
  });

  it('those of groups too', () => {
    const group = { name: 'pool', accounts: [{ name: 'vault' }, { name: 'oracle' }] };
    expect(roles([{ name: 'payer' }, group], three)).toEqual(['payer', 'vault', 'oracle']);
  });

  it('with the names of their groups where two accounts have one name', () => {
    const group = (name: string) => ({ name, accounts: [{ name: 'vault' }] });
    expect(roles([{ name: 'payer' }, group('poolIn'), group('poolOut')], three)).toEqual([
      'payer',
      'pool_in_vault',
      'pool_out_vault',
    ]);
  });

  it('and keep what the message says of them', () => {
    const idl = newAnchorIdl([
      { name: 'act', discriminator: [1], accounts: [{ name: 'payer', signer: true }], args: [] },
    ]);
    expect(decode(idl, [1], [SOMEBODY])).toMatchObject({
      accounts: [{ role: 'payer', address: SOMEBODY, signer: false, writable: true }],
    });
  });

  it('and too few are unknown', () => {
    expect(roles([{ name: 'payer' }, { name: 'vault' }], [SOMEBODY])).toBe('act needs 2 accounts, not 1');
  });

  const optional = [{ name: 'payer' }, { name: 'referrer', optional: true }, { name: 'vault' }];

  it('an optional one that is not given is the program itself, and is said to be omitted', () => {
    expect(roles(optional, [SOMEBODY, PROGRAM, OTHER])).toEqual(['payer', 'omitted_referrer', 'vault']);
    expect(roles(optional, three)).toEqual(['payer', 'referrer', 'vault']);
    expect(roles(optional, [PROGRAM, SOMEBODY, PROGRAM])).toEqual(['payer', 'referrer', 'vault']);
  });

  it('optional ones at the end may be left out', () => {
    expect(roles([{ name: 'payer' }, { name: 'referrer', optional: true }], [SOMEBODY])).toEqual(['payer']);
  });

  it('old IDLs call it isOptional', () => {
    const idl = oldAnchorIdl([
      {
        name: 'initialize',
        accounts: [{ name: 'referrer', isMut: false, isSigner: false, isOptional: true }],
        args: [],
      },
    ]);
    expect(decode(idl, INITIALIZE, [PROGRAM])).toMatchObject({ accounts: [{ role: 'omitted_referrer' }] });
  });
});

describe('where optional accounts are left out and later ones move up', () => {
  const account = (name: string, isOptional = false) => ({
    kind: 'instructionAccountNode',
    name,
    isOptional,
    isSigner: false,
    isWritable: false,
  });
  const roles = (accounts: readonly unknown[], given: number) => {
    const idl = codamaProgram([
      {
        kind: 'instructionNode',
        name: 'act',
        optionalAccountStrategy: 'omitted',
        accounts,
        arguments: [codamaTag(1)],
        discriminators: [{ kind: 'fieldDiscriminatorNode', name: 'discriminator', offset: 0 }],
      },
    ]);
    const decoded = decode(
      idl,
      [1],
      Array.from({ length: given }, () => PROGRAM),
    );
    return decoded.kind === 'unknown' ? decoded.reason : decoded.accounts.map(({ role }) => role);
  };

  it('one at the end is there or not', () => {
    const accounts = [account('payer'), account('rent', true)];
    expect(roles(accounts, 1)).toEqual(['payer']);
    expect(roles(accounts, 2)).toEqual(['payer', 'rent']);
    expect(roles(accounts, 3)).toEqual(['payer', 'rent', 'extra_0']);
  });

  it('one of two at the end could be either, so it is unknown', () => {
    const accounts = [account('payer'), account('rent', true), account('memo', true)];
    expect(roles(accounts, 1)).toEqual(['payer']);
    expect(roles(accounts, 2)).toBe('act leaves out one of several accounts that it may, so that roles cannot be told');
    expect(roles(accounts, 3)).toEqual(['payer', 'rent', 'memo']);
  });

  it('one in the middle moves all others, so it is unknown', () => {
    const accounts = [account('rent', true), account('payer')];
    expect(roles(accounts, 2)).toBe('act may leave out accounts in the middle, so that roles cannot be told');
  });
});
