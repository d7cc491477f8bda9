import { AccountRole, type Address, type Instruction } from '@solana/kit';
import * as system from '@solana-program/system';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { VOTE_PROGRAM } from '../../gateway/core/transaction/programs/program-ids.ts';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';
import { createAgreeingChainReader } from '../../relayer/agreeing-chain-reader.ts';
import type { ChainReader } from '../../relayer/chain-reader.ts';
import { cpiProxy } from '../programs/cpi-proxy.ts';
import { through } from '../programs/through.ts';
import { expectHonest, expectThwarted, type Harm } from './attack.ts';
import { type AttackedGateway, allProgramsListed, startAttackedGateway } from './attacked-gateway.ts';
import { tableAccount } from './kept-accounts.ts';
import { legacy, v0, v1 } from './versions.ts';
import { OWN_PROGRAM, openVictim, signer, type Victim } from './victim.ts';

const UNNAMED = keyAddress(701);
const LIMIT = 'SPENDING_LIMIT_EXCEEDED';
const RECIPIENT = 'RECIPIENT_NOT_ALLOWED';

let gateway: AttackedGateway;
let victim: Victim;
let tables = 710;

beforeAll(async () => {
  const programs = new Map([OWN_PROGRAM, UNNAMED].map((program) => [program, cpiProxy()] as const));
  gateway = await startAttackedGateway((scene) => allProgramsListed(scene), programs);
  victim = await openVictim(gateway);
});

afterEach(() => gateway.meddle(null));

afterAll(async () => {
  await gateway.stop();
});

describe('the same transfer, as legacy, v0, v0 with a lookup table and v1', () => {
  it.each<[string, () => Address, bigint, string]>([
    ['is allowed within the limit', () => victim.friend, 1_000_000n, 'allowed'],
    ['is denied over the limit', () => victim.friend, 1_000_001n, LIMIT],
    ['is denied to a stranger', () => victim.stranger, 1n, RECIPIENT],
  ])('%s', async (_name, to, amount, verdict) => {
    const written = { feePayer: victim.wallet, instructions: [sol(to(), amount)] };
    const entries = [victim.stranger, victim.friend];
    const table = await newTable(entries);
    for (const wire of [legacy(written), v0(written), v0(written, { [table]: entries }), v1(written)]) {
      expect(await gateway.verdictOnBytes(wire)).toEqual([verdict]);
      expect(await gateway.fork().land(wire)).toBeNull();
    }
  });
});

describe('[2 lookup tables] what stands only in a table is seen as it stands on chain', () => {
  it('a recipient', async () => {
    const table = await newTable([victim.stranger]);
    const wire = using({ [table]: [victim.stranger] }, [sol(victim.stranger, 500_000n)]);
    await expectThwarted(gateway, wire, [RECIPIENT], pays(victim.stranger, 500_000n));
  });

  it('a recipient that the agent says is another', async () => {
    const table = await newTable([victim.stranger]);
    const wire = using({ [table]: [victim.friend] }, [sol(victim.friend, 500_000n)]);
    await expectThwarted(gateway, wire, [RECIPIENT], pays(victim.stranger, 500_000n));
  });

  it('a recipient, by an index that the attacker’s list has in another order', async () => {
    const table = await newTable([victim.stranger, victim.friend]);
    const wire = using({ [table]: [victim.friend, victim.stranger] }, [sol(victim.friend, 500_000n)]);
    await expectThwarted(gateway, wire, [RECIPIENT], pays(victim.stranger, 500_000n));
  });

  it('a recipient among the readonly of one table and the writable of another: all writable come first', async () => {
    const first = await newTable([victim.mint, keyAddress(702)]);
    const second = await newTable([victim.stranger, victim.friend]);
    // A reader that goes table by table takes the third loaded account for the second, and finds a friend.
    const pay: Instruction = {
      ...sol(victim.stranger, 500_000n),
      accounts: [
        { address: victim.wallet, role: AccountRole.WRITABLE_SIGNER },
        { address: victim.stranger, role: AccountRole.WRITABLE },
        { address: victim.mint, role: AccountRole.READONLY },
        { address: victim.friend, role: AccountRole.READONLY },
      ],
    };
    const wire = using({ [first]: [victim.mint, keyAddress(702)], [second]: [victim.stranger, victim.friend] }, [pay]);
    await expectThwarted(gateway, wire, [RECIPIENT], pays(victim.stranger, 500_000n));
  });

  it('an account that is given to a program', async () => {
    const table = await newTable([victim.stranger]);
    const wire = using({ [table]: [victim.stranger] }, [through(UNNAMED, sol(victim.stranger, 10_000_000n))]);
    const codes = ['PROGRAM_NOT_ALLOWED', 'FACT_MISSING', LIMIT, RECIPIENT];
    await expectThwarted(gateway, wire, codes, pays(victim.stranger, 10_000_000n));
  });

  it('entries that were added after the agent looked, and after the gateway looked', async () => {
    const table = keyAddress(703);
    await gateway.put(table, tableAccount(victim.stranger, [victim.friend]));
    const before = using({ [table]: [victim.friend] }, [sol(victim.friend, 1n)]);
    expect(await gateway.verdictOrFault(before)).toEqual(['allowed']);
    await gateway.put(table, tableAccount(victim.stranger, [victim.friend, victim.stranger]));
    const after = using({ [table]: [victim.friend, victim.stranger] }, [sol(victim.stranger, 500_000n)]);
    await expectThwarted(gateway, after, [RECIPIENT], pays(victim.stranger, 500_000n));
  });

  it('twin: a recipient who may be paid is allowed from a table', async () => {
    const table = await newTable([victim.stranger, victim.friend]);
    await expectHonest(gateway, using({ [table]: [victim.stranger, victim.friend] }, [sol(victim.friend, 500_000n)]));
  });
});

describe('[2 lookup tables] a table that leads nowhere is refused', () => {
  // None of these can land: what they would do hangs on what the attacker makes of the table until then.
  it.each<[string, () => Promise<Uint8Array>]>([
    ['where no table stands', async () => using({ [keyAddress(704)]: [victim.friend] }, [sol(victim.friend, 1n)])],
    ['where a mint stands', async () => using({ [victim.mint]: [victim.friend] }, [sol(victim.friend, 1n)])],
    ['where a program stands', async () => using({ [VOTE_PROGRAM]: [victim.friend] }, [sol(victim.friend, 1n)])],
    ['where it was deactivated', async () => using({ [victim.deadTable]: [victim.friend] }, [sol(victim.friend, 1n)])],
    [
      'where it is too short',
      async () =>
        using({ [await newTable([victim.stranger])]: [victim.stranger, victim.friend] }, [sol(victim.friend, 1n)]),
    ],
    [
      'where an account stands twice then',
      async () =>
        using({ [await newTable([victim.stranger])]: [victim.friend] }, [
          sol(victim.friend, 1n),
          { ...sol(victim.friend, 1n), accounts: [...sol(victim.friend, 1n).accounts, readonly(victim.stranger)] },
        ]),
    ],
  ])('%s', async (_name, wire) => {
    expect(await gateway.verdictOrFault(await wire())).toEqual(['[LOOKUP_TABLE_UNRESOLVED]']);
  });
});

describe('[2 lookup tables] a node that lies about a table', () => {
  /** Tells of a table with other entries than it has. */
  const lying = (table: Address, entries: readonly Address[]) => (honest: ChainReader) => ({
    ...honest,
    getAccounts: async (...asked: Parameters<ChainReader['getAccounts']>) => {
      const told = await honest.getAccounts(...asked);
      const lie = [table, tableAccount(victim.stranger, entries)] as const;
      return told.accounts.has(table) ? { ...told, accounts: new Map([...told.accounts, lie]) } : told;
    },
  });

  it('is found out by the second node, which must agree', async () => {
    const table = await newTable([victim.stranger]);
    const wire = using({ [table]: [victim.friend] }, [sol(victim.friend, 500_000n)]);
    gateway.meddle((honest) => {
      const first = lying(table, [victim.friend])(honest);
      return { ...createAgreeingChainReader({ first, second: honest, pauseMs: 1 }) };
    });
    expect(await gateway.verdictOrFault(wire)).toEqual(['[CHAIN_UNAVAILABLE]']);
    const fork = gateway.fork();
    expect(await fork.land(wire)).toBeNull();
    await pays(victim.stranger, 500_000n)(fork);
  });

  it('is found out by what was read before, which entries must go on', async () => {
    const table = await newTable([victim.stranger]);
    const honest = using({ [table]: [victim.stranger] }, [sol(victim.stranger, 1n)]);
    expect(await gateway.verdictOrFault(honest)).toEqual([RECIPIENT]);
    // What is known already is not asked again; a longer table is.
    gateway.meddle(lying(table, [victim.friend, victim.mint]));
    const first = using({ [table]: [victim.friend] }, [sol(victim.friend, 500_000n)]);
    expect(await gateway.verdictOrFault(first)).toEqual([RECIPIENT]);
    const longer = using({ [table]: [victim.friend, victim.mint] }, [
      { ...sol(victim.friend, 1n), accounts: [...sol(victim.friend, 1n).accounts, readonly(victim.mint)] },
    ]);
    expect(await gateway.verdictOrFault(longer)).toEqual(['[CHAIN_UNAVAILABLE]']);
  });

  it('twin: where both nodes tell the same it is allowed', async () => {
    const table = await newTable([victim.friend]);
    gateway.meddle((honest) => ({ ...createAgreeingChainReader({ first: honest, second: honest, pauseMs: 1 }) }));
    await expectHonest(gateway, using({ [table]: [victim.friend] }, [sol(victim.friend, 500_000n)]));
  });

  it('is believed where it is the only one: that is what the second is for', async () => {
    const table = await newTable([victim.stranger]);
    gateway.meddle(lying(table, [victim.friend]));
    const wire = using({ [table]: [victim.friend] }, [sol(victim.friend, 500_000n)]);
    expect(await gateway.verdictOrFault(wire)).toEqual(['allowed']);
  });
});

function sol(destination: Address, amount: bigint) {
  return system.getTransferSolInstruction({ source: signer(victim.wallet), destination, amount });
}

function readonly(account: Address) {
  return { address: account, role: AccountRole.READONLY };
}

/** `held`: what the agent says that each table holds. */
function using(held: Readonly<Record<string, Address[]>>, instructions: readonly Instruction[]): Uint8Array {
  return v0({ feePayer: victim.wallet, instructions }, held);
}

function pays(address: Address, amount: bigint): Harm {
  return async (fork) => {
    const before = (await gateway.account(address))?.lamports ?? 0n;
    expect((await fork.lamports(address)) - before).toBe(amount);
  };
}

/** The stranger keeps the authority over it. */
async function newTable(entries: readonly Address[]): Promise<Address> {
  tables += 1;
  await gateway.put(keyAddress(tables), tableAccount(victim.stranger, entries));
  return keyAddress(tables);
}
