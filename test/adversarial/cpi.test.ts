import type { Address, Instruction } from '@solana/kit';
import * as system from '@solana-program/system';
import * as token from '@solana-program/token';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { rentExemption } from '../../gateway/core/effects/rent.ts';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';
import type { ChainSimulation } from '../../relayer/chain-reader.ts';
import { cpiProxy } from '../programs/cpi-proxy.ts';
import { through } from '../programs/through.ts';
import { expectHonest, expectThwarted } from './attack.ts';
import { type AttackedGateway, allProgramsListed, startAttackedGateway } from './attacked-gateway.ts';
import { DEEDS, type Deed } from './deeds.ts';
import { OWN_PROGRAM, openVictim, SOL, signer, type Victim } from './victim.ts';

/** Its calls are on the list, and that is all. */
const LISTED = keyAddress(201);
/** May run where it is not given the wallet. */
const KEPT_AWAY = keyAddress(202);
/** May run with the wallet, as its simulation shows. */
const SIMULATED = keyAddress(203);
const GATED_LISTED = keyAddress(204);
const GATED_KEPT_AWAY = keyAddress(205);
const GATED_SIMULATED = keyAddress(206);
/** On no list. */
const UNNAMED = keyAddress(207);
const GATE = keyAddress(208);
const MISSING = 'FACT_MISSING';
const PROGRAMS = new Map([
  ...[LISTED, KEPT_AWAY, SIMULATED, UNNAMED, OWN_PROGRAM].map((program) => [program, cpiProxy()] as const),
  ...[GATED_LISTED, GATED_KEPT_AWAY, GATED_SIMULATED].map((program) => [program, cpiProxy({ gated: true })] as const),
]);

const LISTING = { instructions: ['unknown'] };
const AWAY = { ...LISTING, unknown_effects: 'without_wallet_signature' };
const TRIED = { ...LISTING, unknown_effects: 'simulated_but_not_guaranteed' };

const PAYMENTS: readonly Deed[] = [
  {
    does: 'a payment to a stranger',
    instruction: ({ wallet, stranger }) => sol(wallet, stranger, 10n * SOL),
    codes: ['SPENDING_LIMIT_EXCEEDED', 'RECIPIENT_NOT_ALLOWED'],
    harm: async (fork, { stranger, gateway }) => {
      const before = (await gateway.account(stranger))?.lamports ?? 0n;
      expect((await fork.lamports(stranger)) - before).toBe(10n * SOL);
    },
  },
  {
    does: 'a Batch of a good part and a payment of tokens to a stranger',
    instruction: (at) => token.getBatchInstruction([send(at, at.friends, 1n), send(at, at.strangers, 5_000n)]),
    codes: ['SPENDING_LIMIT_EXCEEDED', 'RECIPIENT_NOT_ALLOWED'],
    harm: async (fork, { strangers }) => expect(await fork.tokens(strangers)).toBe(5_000n),
  },
  {
    does: 'rent for a large account',
    instruction: ({ wallet }) => {
      const place = {
        payer: signer(wallet),
        newAccount: signer(keyAddress(220)),
        programAddress: token.TOKEN_PROGRAM_ADDRESS,
      };
      return system.getCreateAccountInstruction({ ...place, lamports: rentExemption(8_400n), space: 8_400n });
    },
    codes: ['RENT_LIMIT_EXCEEDED', 'RENT_RECIPIENT_NOT_ALLOWED'],
    harm: async (fork) => expect(await fork.lamports(keyAddress(220))).toBe(rentExemption(8_400n)),
  },
];

const WHAT_IT_DOES = [...PAYMENTS, ...DEEDS].map((deed) => [deed.does, deed] as const);

let gateway: AttackedGateway;
let victim: Victim;

beforeAll(async () => {
  gateway = await startAttackedGateway(
    (scene) =>
      allProgramsListed(scene, {
        [LISTED]: LISTING,
        [GATED_LISTED]: LISTING,
        [KEPT_AWAY]: AWAY,
        [GATED_KEPT_AWAY]: AWAY,
        [SIMULATED]: TRIED,
        [GATED_SIMULATED]: TRIED,
      }),
    PROGRAMS,
  );
  victim = await openVictim(gateway);
});

afterEach(() => gateway.meddle(null));

afterAll(async () => {
  await gateway.stop();
});

describe('[3 CPI] a program that may be simulated and calls', () => {
  it.each(WHAT_IT_DOES)('%s is denied by what it calls', async (_does, { instruction, codes, harm }) => {
    const hidden = through(SIMULATED, instruction(victim));
    await expectThwarted(gateway, [hidden], codes, (fork) => harm(fork, victim));
  });

  it.each(WHAT_IT_DOES)('%s by way of another program is denied', async (_does, { instruction, codes, harm }) => {
    const hidden = through(SIMULATED, through(LISTED, instruction(victim)));
    await expectThwarted(gateway, [hidden], ['INNER_CALL_NOT_ALLOWED', MISSING, ...codes], (fork) =>
      harm(fork, victim),
    );
  });

  it('a program that is on no list is denied', async () => {
    const hidden = through(SIMULATED, through(UNNAMED, sol(victim.wallet, victim.friend, 1n)));
    expect(await gateway.verdictOn([hidden])).toEqual(['INNER_CALL_NOT_ALLOWED', MISSING]);
  });

  it('twin: a payment within the limits is allowed, and so is a batch of them', async () => {
    const { wallet, friend, friends } = victim;
    await expectHonest(gateway, [through(SIMULATED, sol(wallet, friend, 1_000n))]);
    const batch = token.getBatchInstruction([send(victim, friends, 1n), send(victim, friends, 2n)]);
    await expectHonest(gateway, [through(SIMULATED, batch)]);
  });
});

describe('[3 CPI] a program whose effects nobody permitted to be unknown', () => {
  it.each(WHAT_IT_DOES)(
    'and that calls %s is denied, whatever is seen of it',
    async (_does, { instruction, codes, harm }) => {
      const hidden = through(LISTED, instruction(victim));
      await expectThwarted(gateway, [hidden], ['EFFECTS_UNKNOWN', MISSING, ...codes], (fork) => harm(fork, victim));
    },
  );
});

describe('[3 CPI] a program that turns bad after it was judged', () => {
  const drain = (program: Address) => [through(program, sol(victim.wallet, victim.stranger, 50n * SOL), GATE)];
  const drainsLater = async (program: Address) => {
    const fork = gateway.fork();
    const before = await fork.lamports(victim.stranger);
    await fork.act(victim.wallet, drain(program));
    expect(await fork.lamports(victim.stranger)).toBe(before);
    await fork.act(victim.stranger, openGate());
    await fork.act(victim.wallet, drain(program));
    expect((await fork.lamports(victim.stranger)) - before).toBeGreaterThan(49n * SOL);
  };

  it('is denied though its simulation is clean, where its effects may not be unknown', async () => {
    expect(await gateway.verdictOn(drain(GATED_LISTED))).toEqual(['EFFECTS_UNKNOWN', MISSING]);
    await drainsLater(GATED_LISTED);
  });

  it('is denied though its simulation is clean, where it may not have the wallet', async () => {
    expect(await gateway.verdictOn(drain(GATED_KEPT_AWAY))).toEqual(['WALLET_GIVEN_TO_UNKNOWN_EFFECTS', MISSING]);
    await drainsLater(GATED_KEPT_AWAY);
  });

  it('is denied behind a program that may be simulated: it has the wallet all the same', async () => {
    const hidden = drain(GATED_LISTED).map((instruction) => through(SIMULATED, instruction));
    expect(await gateway.verdictOn(hidden)).toEqual(['INNER_CALL_NOT_ALLOWED', MISSING]);
  });

  it('passes only where the author said simulated_but_not_guaranteed, which is what that means', async () => {
    expect(await gateway.verdictOn(drain(GATED_SIMULATED))).toEqual(['allowed']);
    await drainsLater(GATED_SIMULATED);
  });

  it('twin: without the wallet among its accounts it is allowed, and can do nothing to it', async () => {
    const theirs = sol(victim.stranger, victim.friend, 1n);
    await expectHonest(gateway, [through(GATED_KEPT_AWAY, theirs, GATE)]);
    await expectHonest(gateway, [through(KEPT_AWAY, theirs)]);
  });
});

describe('[3 CPI] a node that does not tell what ran inside', () => {
  type Succeeded = Extract<ChainSimulation, { readonly status: 'succeeded' }>;
  const tell = (change: (truth: Succeeded) => ChainSimulation) =>
    gateway.meddle((honest) => ({
      simulate: async (...asked) => {
        const truth = await honest.simulate(...asked);
        return truth.status === 'succeeded' ? change(truth) : truth;
      },
    }));
  const theft = () => [through(SIMULATED, sol(victim.wallet, victim.stranger, 10n * SOL))];

  it('leaves it at unknown, not at none', async () => {
    tell((truth) => ({ ...truth, innerCalls: null }));
    expect(await gateway.verdictOn(theft())).toEqual(['SIMULATION_DIVERGES', MISSING]);
    tell((truth) => ({ ...truth, innerCalls: null, postStates: null }));
    expect(await gateway.verdictOn(theft())).toEqual(['SIMULATION_INCOMPLETE', MISSING]);
  });

  it('or says that nothing ran, is contradicted by how it leaves the wallet', async () => {
    tell((truth) => ({ ...truth, innerCalls: [] }));
    expect(await gateway.verdictOn(theft())).toEqual(['SIMULATION_DIVERGES', MISSING]);
  });

  it('or leaves accounts out, is not complete', async () => {
    tell((truth) => ({ ...truth, innerCalls: [], postStates: new Map() }));
    expect(await gateway.verdictOn(theft())).toEqual(['SIMULATION_INCOMPLETE', MISSING]);
  });

  it('or tells of calls that cannot be, told nothing', async () => {
    const call = {
      form: 'resolved',
      stackHeight: 2,
      program: keyAddress(250),
      accounts: [],
      data: new Uint8Array(),
    } as const;
    tell((truth) => ({ ...truth, innerCalls: [{ index: 0, calls: [call] }] }));
    expect(await gateway.verdictOn(theft())).toEqual(['SIMULATION_UNAVAILABLE', MISSING]);
    tell((truth) => ({ ...truth, innerCalls: [{ index: 7, calls: [] }] }));
    expect(await gateway.verdictOn(theft())).toEqual(['SIMULATION_UNAVAILABLE', MISSING]);
  });

  it('or tells of an older chain, told nothing', async () => {
    tell((truth) => ({ ...truth, slot: 0n, innerCalls: [] }));
    await gateway.advance(100);
    expect(await gateway.verdictOn(theft())).toEqual(['SIMULATION_UNAVAILABLE', MISSING]);
  });
});

function sol(from: Address, destination: Address, amount: bigint): Instruction {
  return system.getTransferSolInstruction({ source: signer(from), destination, amount });
}

function send({ own, mint, wallet }: Victim, destination: Address, amount: bigint) {
  const transfer = { source: own, mint, destination, authority: signer(wallet), amount, decimals: 6 };
  return token.getTransferCheckedInstruction(transfer);
}

/** Whoever can write to the gate decides. */
function openGate(): readonly Instruction[] {
  const place = { payer: signer(victim.stranger), newAccount: signer(GATE), programAddress: victim.stranger };
  return [system.getCreateAccountInstruction({ ...place, lamports: 10_000_000n, space: 1n })];
}
