import { AccountRole, type Address, address, createNoopSigner, getAddressEncoder, type Instruction } from '@solana/kit';
import { getAddMemoInstruction } from '@solana-program/memo';
import * as system from '@solana-program/system';
import * as token from '@solana-program/token';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressFromBytes } from '../../gateway/core/base58.ts';
import { TOKEN_ACCOUNT_RENT } from '../../gateway/core/effects/rent.ts';
import { LOADER_V3_PROGRAM } from '../../gateway/core/transaction/programs/program-ids.ts';
import { rawCall } from '../../relayer/localnet/testing/raw-rpc.ts';
import { tokenAccount } from '../../tour/transactions.ts';
import { type SponsoredGateway, startSponsoredGateway } from '../integration/sponsored-gateway.ts';
import { COMPUTE_BUDGET, WRAPPED_SOL } from './attacked-gateway.ts';
import { type Fork, forking } from './fork.ts';
import { tableAccount } from './kept-accounts.ts';
import { legacy, v0, v1 } from './versions.ts';
import { SOL, signer } from './victim.ts';

const THIEF = addressFromBytes(new Uint8Array(32).fill(66));
const TABLE = addressFromBytes(new Uint8Array(32).fill(67));
const PROGRAM = addressFromBytes(new Uint8Array(32).fill(68));
/** Of two signatures. */
const FEE = 10_000n;
const MAX = 10_000_000n;

let gateway: SponsoredGateway;
let sponsor: Address;
let fork: () => Fork;

// The policy allows whatever it is asked: what the sponsor does not pay for, it does not pay for under any policy.
beforeAll(async () => {
  gateway = await startSponsoredGateway({
    careless: true,
    terms: () => ({ account_rent: 'associated_token_accounts', max_per_transaction: Number(MAX) }),
  });
  ({ sponsor } = gateway);
  fork = forking(gateway.environment.localnet.rpcUrl);
});

afterAll(() => gateway.stop());

const own = () => createNoopSigner(sponsor);
const written = {
  legacy: (instructions: readonly Instruction[]) => legacy({ feePayer: sponsor, instructions }),
  'version 0': (instructions: readonly Instruction[]) => v0({ feePayer: sponsor, instructions }),
  'version 1': (instructions: readonly Instruction[]) => v1({ feePayer: sponsor, instructions }),
};

describe('[5 side doors] a fee payer that signs may be robbed by its own signature', () => {
  const drain = () => system.getTransferSolInstruction({ source: own(), destination: THIEF, amount: 5n * SOL });

  it.each(Object.entries(written))('by a transfer out of it, %s', async (_version, write) => {
    const wire = write([gateway.sol(1n), drain()]);
    expect((await gateway.sign(wire)).codes).toEqual(['SPONSOR_IN_INSTRUCTION']);
    const there = fork();
    expect(await there.land(wire)).toBeNull();
    expect(await there.lamports(THIEF)).toBe(5n * SOL);
  });

  it('by being given to a program', async () => {
    const given = system.getAssignInstruction({ account: own(), programAddress: PROGRAM });
    const wire = written['version 0']([gateway.sol(1n), given]);
    expect((await gateway.sign(wire)).codes).toEqual(['SPONSOR_IN_INSTRUCTION']);
    const there = fork();
    expect(await there.land(wire)).toBeNull();
    expect((await there.account(sponsor))?.owner).toBe(PROGRAM);
  });

  it('by a program that nobody can read', async () => {
    const accounts = [{ address: sponsor, role: AccountRole.WRITABLE_SIGNER }];
    const wire = written['version 0']([gateway.sol(1n), { programAddress: PROGRAM, accounts, data: Uint8Array.of(1) }]);
    expect((await gateway.sign(wire)).codes).toEqual(['SPONSOR_IN_INSTRUCTION']);
  });

  it('as a witness of a memo that it never wrote', async () => {
    const wire = written['version 0']([
      gateway.sol(1n),
      getAddMemoInstruction({ memo: 'I owe you', signers: [own()] }),
    ]);
    expect((await gateway.sign(wire)).codes).toEqual(['SPONSOR_IN_INSTRUCTION']);
  });

  it('twin: what names it nowhere else is paid for, in each version', async () => {
    for (const [n, write] of Object.values(written).entries()) {
      const wire = write([gateway.sol(BigInt(n) + 10n)]);
      expect((await gateway.sign(wire)).outcome).toBe('signed');
      expect(await fork().land(wire)).toBeNull();
    }
  });
});

describe('[2 lookup tables] a fee payer behind a table', () => {
  const other = addressFromBytes(new Uint8Array(32).fill(3));
  const throughTable = () => {
    const source = signer(gateway.wallet);
    const instructions = [system.getTransferSolInstruction({ source, destination: other, amount: 1n })];
    return v0({ feePayer: sponsor, instructions }, { [TABLE]: [other, THIEF] });
  };
  const put = async (entries: readonly Address[]) => {
    const { owner, lamports, data } = tableAccount(THIEF, [...entries]);
    const state = { owner, lamports, data: Buffer.from(data).toString('base64') };
    await rawCall(gateway.environment.localnet.rpcUrl, 'localnet_setAccount', [TABLE, state]);
  };

  it('is no account of a transaction a second time', async () => {
    await put([sponsor, THIEF]);
    await expect(gateway.sign(throughTable())).rejects.toMatchObject({ reason: 'LOOKUP_TABLE_UNRESOLVED' });
  });
});

describe('[4 control] a fee payer named in data only', () => {
  it.each<[string, () => Instruction]>([
    [
      'as the new owner of a token account',
      () =>
        token.getSetAuthorityInstruction({
          owned: gateway.till,
          owner: signer(gateway.wallet),
          authorityType: token.AuthorityType.CloseAccount,
          newAuthority: sponsor,
        }),
    ],
    [
      'among bytes that nobody can read',
      () => ({
        programAddress: PROGRAM,
        accounts: [],
        data: Uint8Array.from([9, 9, ...getAddressEncoder().encode(sponsor), 9]),
      }),
    ],
    [
      'as the owner of a seed',
      () => ({
        programAddress: LOADER_V3_PROGRAM,
        accounts: [],
        data: new Uint8Array(getAddressEncoder().encode(sponsor)),
      }),
    ],
  ])('%s', async (_where, instruction) => {
    const { codes } = await gateway.sign(written['version 0']([gateway.sol(1n), instruction()]));
    expect(codes).toEqual(['SPONSOR_IN_DATA']);
  });
});

describe('[7 rent and closes] rent that the sponsor pays', () => {
  const create = async (owner: Address, mint: Address, payer = own()) =>
    token.getCreateAssociatedTokenIdempotentInstruction({ payer, owner, mint, ata: await tokenAccount(owner, mint) });

  it('counts for each account, opened or not, up to what one transaction may cost', async () => {
    const mint = gateway.mint;
    const owners = Array.from({ length: 5 }, (_, n) => addressFromBytes(new Uint8Array(32).fill(100 + n)));
    const opening = await Promise.all(owners.map((owner) => create(owner, mint)));
    const wire = written['version 0']([...opening, gateway.sol(1n)]);
    expect((await gateway.sign(wire)).codes).toEqual(['SPONSOR_COST_EXCEEDED']);
    const there = fork();
    const before = await there.lamports(sponsor);
    expect(await there.land(wire)).toBeNull();
    expect(before - (await there.lamports(sponsor))).toBe(5n * TOKEN_ACCOUNT_RENT + FEE);
    const again = await create(gateway.wallet, mint);
    expect(
      (await gateway.sign(written['version 0']([again, again, again, again, again, gateway.sol(1n)]))).codes,
    ).toEqual(['SPONSOR_COST_EXCEEDED']);
  });

  it('is not paid for an account of its own, or of another kind', async () => {
    const its = await create(sponsor, address(WRAPPED_SOL));
    expect((await gateway.sign(written['version 0']([its, gateway.sol(1n)]))).codes).toEqual([
      'SPONSOR_IN_INSTRUCTION',
    ]);
    const funded = system.getTransferSolInstruction({ source: own(), destination: gateway.till, amount: 1n });
    expect((await gateway.sign(written['version 0']([funded, gateway.sol(1n)]))).codes).toEqual([
      'SPONSOR_IN_INSTRUCTION',
    ]);
  });

  it('twin: is paid for accounts of anybody', async () => {
    const wire = written['version 0']([await create(THIEF, gateway.mint), gateway.sol(2n)]);
    expect((await gateway.sign(wire)).outcome).toBe('signed');
    expect(await fork().land(wire)).toBeNull();
  });
});

describe('[9 fees] a priority fee that somebody else pays', () => {
  const price = (microLamports: bigint) => {
    const data = Buffer.alloc(9);
    data.writeUInt8(3);
    data.writeBigUInt64LE(microLamports, 1);
    return { programAddress: address(COMPUTE_BUDGET), data: new Uint8Array(data) };
  };

  it.each<[string, () => Uint8Array]>([
    ['as a price', () => written['version 0']([price(10n ** 12n), gateway.sol(1n)])],
    ['as a price at the top of a u64', () => written.legacy([price(2n ** 64n - 1n), gateway.sol(1n)])],
    [
      'of version 1',
      () => v1({ feePayer: sponsor, instructions: [gateway.sol(1n)] }, { priorityFeeLamports: MAX - FEE + 1n }),
    ],
  ])('is bounded: %s', async (_how, wire) => {
    expect((await gateway.sign(wire())).codes).toEqual(['SPONSOR_COST_EXCEEDED']);
  });

  it('twin: to the lamport it is paid', async () => {
    const wire = v1({ feePayer: sponsor, instructions: [gateway.sol(1n)] }, { priorityFeeLamports: MAX - FEE });
    expect((await gateway.sign(wire)).outcome).toBe('signed');
  });
});
