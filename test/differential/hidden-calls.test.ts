// Proves on LiteSVM that what a program does with the wallet's signature shows: in its calls, in the states after where a node hides the
// calls, and in who got the signature where the program waits for later.
import { type Address, createNoopSigner, type Instruction, lamports, some } from '@solana/kit';
import {
  getAssignInstruction,
  getAuthorizeNonceAccountInstruction,
  getTransferSolInstruction,
} from '@solana-program/system';
import * as token from '@solana-program/token';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Effects } from '../../gateway/core/effects/effects.ts';
import { interpretSimulation } from '../../gateway/core/simulation/interpret.ts';
import type { Simulation } from '../../gateway/core/simulation/simulation.ts';
import type { SimulationAnswer } from '../../gateway/core/simulation/simulation-answer.ts';
import { SYSTEM_PROGRAM } from '../../gateway/core/transaction/programs/program-ids.ts';
import { cpiProxy } from '../programs/cpi-proxy.ts';
import { through } from '../programs/through.ts';
import { encodeV0, randomAddress } from './corpus.ts';
import { seededRandom, seedOfRun } from './seeded-random.ts';
import { simulateOnSvm } from './svm-simulation.ts';
import { createWorld, type World } from './world.ts';

const random = seededRandom(seedOfRun('hidden calls'));
const PROXY = randomAddress(random);
const SECOND_PROXY = randomAddress(random);
const GATED_PROXY = randomAddress(random);
const GATE = randomAddress(random);
let world: World;

beforeAll(async () => {
  world = await createWorld(random);
  world.svm.addProgram(PROXY, cpiProxy());
  world.svm.addProgram(SECOND_PROXY, cpiProxy());
  world.svm.addProgram(GATED_PROXY, cpiProxy({ gated: true }));
});
beforeEach(() => world.svm.expireBlockhash());

interface Attack {
  readonly name: string;
  readonly instruction: () => Instruction;
  /** Which list of the effects tells, and which divergence does where the calls are hidden. */
  readonly shows: keyof Effects;
  readonly diverges: string;
}

const wallet = () => createNoopSigner(world.wallet);
const thief = () => world.others[0] ?? world.wallet;
/** With tokens of the wallet, no delegate and no close authority. */
const ownAccount = () => tokenAccountOf(world.wallet);

const ATTACKS: readonly Attack[] = [
  {
    name: 'takes SOL',
    instruction: () => getTransferSolInstruction({ source: wallet(), destination: thief(), amount: 1_000_000n }),
    shows: 'outflows',
    diverges: 'lamports',
  },
  {
    name: 'takes tokens',
    instruction: () =>
      token.getTransferInstruction({
        source: ownAccount(),
        destination: tokenAccountOf(thief()),
        authority: wallet(),
        amount: 9n,
      }),
    shows: 'outflows',
    diverges: 'token_amount',
  },
  {
    name: 'takes tokens in a batch',
    instruction: () =>
      token.getBatchInstruction([
        token.getTransferInstruction({
          source: ownAccount(),
          destination: tokenAccountOf(thief()),
          authority: wallet(),
          amount: 9n,
        }),
      ]),
    shows: 'outflows',
    diverges: 'token_amount',
  },
  {
    name: 'becomes delegate',
    instruction: () =>
      token.getApproveInstruction({ source: ownAccount(), delegate: thief(), owner: wallet(), amount: 9n }),
    shows: 'approvals',
    diverges: 'token_delegate',
  },
  {
    name: 'becomes owner of tokens',
    instruction: () => setAuthority(token.AuthorityType.AccountOwner),
    shows: 'authorityChanges',
    diverges: 'token_owner',
  },
  {
    name: 'becomes close authority',
    instruction: () => setAuthority(token.AuthorityType.CloseAccount),
    shows: 'authorityChanges',
    diverges: 'close_authority',
  },
  {
    name: 'closes an account and takes its lamports',
    instruction: () =>
      token.getCloseAccountInstruction({ account: emptyAccount(), destination: thief(), owner: wallet() }),
    shows: 'closes',
    diverges: 'closed',
  },
  {
    name: 'takes the wallet over',
    instruction: () => getAssignInstruction({ account: wallet(), programAddress: PROXY }),
    shows: 'authorityChanges',
    diverges: 'owner_program',
  },
  {
    name: 'takes a nonce account over',
    instruction: () =>
      getAuthorizeNonceAccountInstruction({
        nonceAccount: nonceOf(world.wallet),
        nonceAuthority: wallet(),
        newNonceAuthority: thief(),
      }),
    shows: 'authorityChanges',
    diverges: 'data',
  },
];

describe.each(ATTACKS)('a program that $name', ({ instruction, shows, diverges }) => {
  it('shows in its calls', () => {
    const { effects, divergences } = succeeded(simulated(through(PROXY, instruction())).simulation);
    expect(effects[shows]).toHaveLength(1);
    expect(divergences).toEqual([]);
  });

  it('shows in its calls through two programs', () => {
    const { effects } = succeeded(simulated(through(SECOND_PROXY, through(PROXY, instruction()))).simulation);
    expect(effects[shows]).toHaveLength(1);
  });

  it('shows in the states after where the node hides the calls', () => {
    const { answer, simulation: honest, ...rest } = simulated(through(PROXY, instruction()));
    succeeded(honest);
    const hiding: SimulationAnswer = answer.status === 'succeeded' ? { ...answer, innerCalls: [] } : answer;
    const { divergences } = succeeded(
      interpretSimulation(hiding, { ...rest, wallet: world.wallet, described: new Map() }),
    );
    expect(divergences.map(({ change }) => change)).toContain(diverges);
  });

  it('shows as the holder of a signature where it waits for later', () => {
    const later = through(GATED_PROXY, instruction(), GATE);
    const waiting = succeeded(simulated(later).simulation);
    expect(waiting.effects[shows]).toEqual([]);
    expect(waiting.divergences).toEqual([]);
    expect(waiting.effects.cpiSigners).toMatchObject([{ program: GATED_PROXY, signer: world.wallet }]);
    const open = { programAddress: SYSTEM_PROGRAM, lamports: lamports(1_000_000n), data: new Uint8Array(1) };
    world.svm.setAccount({ address: GATE, executable: false, space: 1n, ...open });
    expect(succeeded(simulated(later).simulation).effects[shows]).toHaveLength(1);
    world.svm.setAccount({ address: GATE, executable: false, space: 0n, ...open, data: new Uint8Array() });
  });
});

function setAuthority(authorityType: token.AuthorityType): Instruction {
  return token.getSetAuthorityInstruction({
    owned: ownAccount(),
    owner: wallet(),
    authorityType,
    newAuthority: some(thief()),
  });
}

function tokenAccountOf(owner: Address): Address {
  return found(
    world.classic.accounts.filter((it) => it.mint === world.classic.mints[0]?.address && it.amount > 0n),
    owner,
  );
}

function emptyAccount(): Address {
  return found(
    world.classic.accounts.filter((it) => it.amount === 0n),
    world.wallet,
  );
}

function found(accounts: World['classic']['accounts'], owner: Address): Address {
  const plain = accounts.filter(({ delegate, closeAuthority }) => delegate === null && closeAuthority === null);
  const account = plain.find((it) => it.owner === owner);
  if (account === undefined) throw new Error(`the world has no such token account of ${owner}`);
  return account.address;
}

function nonceOf(authority: Address): Address {
  const nonce = world.nonces.find((it) => it.authority === authority);
  if (nonce === undefined) throw new Error('the world has no such nonce account');
  return nonce.address;
}

function simulated(instruction: Instruction) {
  const wire = encodeV0(world.wallet, world.svm.latestBlockhash(), [instruction], []);
  return simulateOnSvm(world.svm, wire, world.wallet);
}

function succeeded(simulation: Simulation) {
  if (simulation.status !== 'succeeded') throw new Error(JSON.stringify(simulation));
  return simulation;
}
