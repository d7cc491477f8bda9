import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Address, Instruction } from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import * as token from '@solana-program/token';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressAt, decodeBase58 } from '../../gateway/core/base58.ts';
import { extendedAccount, extendedMint } from '../../gateway/core/effects/testing/token-2022-state.ts';
import {
  NATIVE_MINT_2022,
  TOKEN_2022_PROGRAM,
  TOKEN_PROGRAM,
} from '../../gateway/core/transaction/programs/program-ids.ts';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';
import { buildBundle } from '../../gateway/policy/build/build-bundle.ts';
import { tokenAccount, wireTransaction } from '../../tour/transactions.ts';
import { cpiProxy } from '../programs/cpi-proxy.ts';
import { through } from '../programs/through.ts';
import { expectHonest, expectThwarted } from './attack.ts';
import { type AttackedGateway, carefulRules, SYSTEM, startAttackedGateway, TOKEN } from './attacked-gateway.ts';
import { tableAccount } from './kept-accounts.ts';
import { v0 } from './versions.ts';
import { mintOf, SOL, signer, tokensOf } from './victim.ts';

/** Begins and ends like the token program. */
const CLONE = lookalikeOf(TOKEN_PROGRAM);
const NAMESAKE = keyAddress(261);
const OWN_NAMESAKE = keyAddress(262);
const FRIENDS_NAMESAKE = keyAddress(263);
const RECIPIENT = 'RECIPIENT_NOT_ALLOWED';
const MISSING = 'FACT_MISSING';

let gateway: AttackedGateway;
let wallet: Address;
let friend: Address;
let stranger: Address;
let mint: Address;
let own: Address;
let friends: Address;

beforeAll(async () => {
  gateway = await startAttackedGateway(
    (scene) =>
      carefulRules(scene, {
        [SYSTEM]: ['transfer'],
        [TOKEN]: ['transfer_checked', 'transfer'],
        [TOKEN_2022_PROGRAM]: ['transfer_checked'],
      }),
    new Map([[CLONE, cpiProxy()]]),
  );
  wallet = gateway.scene.wallet;
  friend = gateway.scene.recipient;
  mint = gateway.scene.mint;
  stranger = gateway.attacker.address;
  own = await tokenAccount(wallet, mint);
  friends = await tokenAccount(friend, mint);
  await gateway.put(NAMESAKE, mintOf({ supply: 10_000n }));
  await gateway.put(OWN_NAMESAKE, tokensOf({ mint: NAMESAKE, owner: wallet }));
  await gateway.put(FRIENDS_NAMESAKE, tokensOf({ mint: NAMESAKE, owner: friend }));
});

afterAll(async () => {
  await gateway.stop();
});

describe('[20 lookalikes] a program', () => {
  it('with an address that begins and ends like that of the token program is not the token program', async () => {
    const owner = token.AuthorityType.AccountOwner;
    const giving = { owned: own, owner: signer(wallet), authorityType: owner, newAuthority: stranger };
    const disguised = [through(CLONE, token.getSetAuthorityInstruction(giving))];
    await expectThwarted(
      gateway,
      disguised,
      ['PROGRAM_NOT_ALLOWED', MISSING, 'INNER_CALL_NOT_ALLOWED', 'AUTHORITY_CHANGE_NOT_ALLOWED'],
      async (fork) => {
        await fork.act(stranger, [transfer({ source: own, destination: friends, authority: stranger, amount: 1n })]);
      },
    );
  });

  it('that gets the accounts of a payment in their order is still another program', async () => {
    const payment = transfer({ source: own, destination: friends, amount: 1n });
    expect(await gateway.verdictOn([{ ...payment, programAddress: CLONE }])).toContain('PROGRAM_NOT_ALLOWED');
  });

  it('that keeps wrapped SOL is not the one whose wrapped SOL has a limit', async () => {
    const [from, to] = [keyAddress(264), keyAddress(265)];
    await gateway.put(NATIVE_MINT_2022, extendedMint({ decimals: 9, supply: 0n }));
    await gateway.put(from, extendedAccount({ mint: NATIVE_MINT_2022, owner: wallet, amount: 5n * SOL }));
    await gateway.put(to, extendedAccount({ mint: NATIVE_MINT_2022, owner: friend, amount: 0n }));
    const amounts = { source: from, destination: to, amount: 5n * SOL, decimals: 9, mint: NATIVE_MINT_2022 };
    const payment = { ...transfer(amounts), programAddress: TOKEN_2022_PROGRAM };
    await expectThwarted(gateway, [payment], ['ASSET_NOT_ALLOWED'], async (fork) =>
      expect(await fork.tokens(from)).toBe(0n),
    );
  });

  it('twin: the token program itself is called', async () => {
    await expectHonest(gateway, [transfer({ source: own, destination: friends, amount: 1n })]);
  });
});

describe('[20 lookalikes] tokens', () => {
  it('of another mint with the same name and decimals have no limit, and so may not leave', async () => {
    const payment = { source: OWN_NAMESAKE, destination: FRIENDS_NAMESAKE, amount: 1_000n, mint: NAMESAKE };
    await expectThwarted(gateway, [transfer(payment)], ['ASSET_NOT_ALLOWED'], async (fork) =>
      expect(await fork.tokens(OWN_NAMESAKE)).toBe(0n),
    );
  });

  it('of another mint that are called those of the named one are counted as what they are', async () => {
    const unchecked = token.getTransferInstruction({
      ...{ source: OWN_NAMESAKE, destination: FRIENDS_NAMESAKE, authority: signer(wallet), amount: 1_000n },
    });
    await expectThwarted(gateway, [unchecked], ['ASSET_NOT_ALLOWED'], async (fork) =>
      expect(await fork.tokens(OWN_NAMESAKE)).toBe(0n),
    );
    const mislabelled = transfer({ source: OWN_NAMESAKE, destination: FRIENDS_NAMESAKE, amount: 1_000n });
    // The chain refuses it, so that nothing is lost, whatever the gateway takes it for.
    expect(await gateway.fork().land(wire([mislabelled]))).not.toBeNull();
  });
});

describe('[20 lookalikes] a recipient', () => {
  it('whose address begins like that of a friend is a stranger', async () => {
    const poisoned = lookalikeOf(friend);
    const payment = getTransferSolInstruction({ source: signer(wallet), destination: poisoned, amount: 1_000_000n });
    await expectThwarted(gateway, [payment], [RECIPIENT], async (fork) =>
      expect(await fork.lamports(poisoned)).toBe(1_000_000n),
    );
  });

  it('at the associated address of a friend is whoever owns the account there', async () => {
    const theirs = await gateway.account(friends);
    if (theirs === null) throw new Error('the friend has an account');
    await gateway.put(friends, tokensOf({ mint, owner: stranger, amount: 0n }));
    try {
      await expectThwarted(
        gateway,
        [transfer({ source: own, destination: friends, amount: 5n })],
        [RECIPIENT],
        async (fork) => {
          await fork.act(stranger, [transfer({ source: friends, destination: own, authority: stranger, amount: 5n })]);
        },
      );
    } finally {
      await gateway.put(friends, theirs);
    }
  });

  it('in an account that says it is a friend’s, and is kept by another program, is nobody', async () => {
    const fake = keyAddress(266);
    await gateway.put(fake, { ...tokensOf({ mint, owner: friend, amount: 0n }), owner: CLONE });
    const payment = [transfer({ source: own, destination: fake, amount: 1n })];
    expect((await gateway.verdictOn(payment)).toSorted()).toEqual([MISSING, 'RECIPIENT_UNKNOWN']);
    // The program that keeps it could write any owner into it; today the token program refuses to pay it.
    expect(await gateway.fork().land(wire(payment))).not.toBeNull();
  });

  it('in an account that says it is a token account of a friend, in the other token program, is nobody', async () => {
    const fake = keyAddress(267);
    await gateway.put(fake, extendedAccount({ mint, owner: friend, amount: 0n }));
    const payment = [transfer({ source: own, destination: fake, amount: 1n })];
    expect((await gateway.verdictOn(payment)).toSorted()).toEqual([MISSING, 'RECIPIENT_UNKNOWN']);
    expect(await gateway.fork().land(wire(payment))).not.toBeNull();
  });

  it('twin: a friend is paid, in SOL and in tokens', async () => {
    const payment = getTransferSolInstruction({ source: signer(wallet), destination: friend, amount: 1_000_000n });
    await expectHonest(gateway, [payment, transfer({ source: own, destination: friends, amount: 5n })]);
  });
});

describe('[20 lookalikes] an account that looks like', () => {
  it('a lookup table, and is kept by another program, resolves nothing', async () => {
    const fake = keyAddress(268);
    await gateway.put(fake, { ...tableAccount(stranger, [friend]), owner: CLONE });
    const payment = getTransferSolInstruction({ source: signer(wallet), destination: friend, amount: 1n });
    expect(
      await gateway.verdictOrFault(v0({ feePayer: wallet, instructions: [payment] }, { [fake]: [friend] })),
    ).toEqual(['[LOOKUP_TABLE_UNRESOLVED]']);
  });

  it('the wallet’s tokens, and is kept by another program, holds none', async () => {
    const fake = keyAddress(269);
    await gateway.put(fake, { ...tokensOf({ mint, owner: wallet }), owner: CLONE });
    const payment = [transfer({ source: fake, destination: friends, amount: 1n })];
    expect(await gateway.verdictOn(payment)).toEqual([MISSING]);
    expect(await gateway.fork().land(wire(payment))).not.toBeNull();
  });

  it('twin: a lookup table, and is one, resolves to what stands in it', async () => {
    const table = keyAddress(270);
    await gateway.put(table, tableAccount(stranger, [friend]));
    const payment = getTransferSolInstruction({ source: signer(wallet), destination: friend, amount: 1n });
    await expectHonest(gateway, v0({ feePayer: wallet, instructions: [payment] }, { [table]: [friend] }));
  });
});

describe('[20 lookalikes] an IDL', () => {
  const idl = (name: string, address: string) => ({
    address,
    metadata: { name, version: '1.0.0', spec: '0.1.0' },
    instructions: [{ name: 'transfer', discriminator: [3], accounts: [], args: [] }],
  });

  it.each([
    ['for the token program itself', TOKEN, idl('anything', TOKEN), 'is decoded by the gateway itself'],
    ['that says it is of the token program', CLONE, idl('clone', TOKEN), `but the file is for ${CLONE}`],
    ['with the name of the token program', CLONE, idl('splToken', CLONE), 'its name spl_token is also that of'],
    ['with the name of the System program', CLONE, idl('System', CLONE), 'its name system is also that of'],
    ['with a name of other letters that look alike', CLONE, idl('ѕрl_tоkеn', CLONE), 'must be a name of letters'],
    ['with a name that ends the line', CLONE, idl('clone\nspl_token', CLONE), 'must be a name of letters'],
  ])('%s makes no bundle, so that nothing is signed with it', async (_what, file, document, problem) => {
    const directory = await mkdtemp(join(tmpdir(), 'countersign-idls-'));
    await mkdir(join(directory, 'idls'));
    await writeFile(join(directory, 'idls', `${file}.json`), JSON.stringify(document));
    const data = { agents: {} };
    const built = buildBundle({ data, idls: join(directory, 'idls'), outDir: join(directory, 'bundle') });
    await expect(built).rejects.toThrow(problem);
    await rm(directory, { recursive: true });
  });

  it('twin: with a name of its own makes one', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'countersign-idls-'));
    await mkdir(join(directory, 'idls'));
    await writeFile(join(directory, 'idls', `${CLONE}.json`), JSON.stringify(idl('router', CLONE)));
    const request = { data: { agents: {} }, idls: join(directory, 'idls'), outDir: join(directory, 'bundle') };
    expect((await buildBundle(request)).revision).toMatch(/^[0-9a-f]{32}$/);
    await rm(directory, { recursive: true });
  });
});

/** Differs in the middle only: people compare the ends. */
function lookalikeOf(of: Address): Address {
  const bytes = Uint8Array.from(decodeBase58(of) ?? []);
  bytes[16] = (bytes[16] ?? 0) ^ 1;
  return addressAt(bytes, 0);
}

interface Payment {
  readonly source: Address;
  readonly destination: Address;
  readonly amount: bigint;
  readonly authority?: Address;
  readonly mint?: Address;
  readonly decimals?: number;
}

function transfer({ authority = wallet, ...payment }: Payment): Instruction {
  return token.getTransferCheckedInstruction({ mint, decimals: 6, ...payment, authority: signer(authority) });
}

function wire(instructions: readonly Instruction[]): Uint8Array {
  return wireTransaction(wallet, instructions);
}
