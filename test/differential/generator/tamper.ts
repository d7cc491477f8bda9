// Owns changing a good instruction a little, in the ways in which an attacker would: other accounts, further signers, other data.
import { type AccountMeta, AccountRole, type Address, type Instruction } from '@solana/kit';
import type { SeededRandom } from '../seeded-random.ts';
import type { World } from '../world.ts';
import { anyDestination } from './plan.ts';

type Tamper = (random: SeededRandom, world: World, instruction: Given) => Given;

interface Given {
  readonly programAddress: Address;
  readonly accounts: readonly AccountMeta[];
  readonly data: Uint8Array;
}

export function tamper(random: SeededRandom, world: World, instruction: Instruction): Instruction {
  const { programAddress, accounts = [], data = new Uint8Array() } = instruction;
  const plain = accounts.map(({ address, role }) => ({ address, role }));
  return random.pick(TAMPERS)(random, world, { programAddress, accounts: plain, data: new Uint8Array(data) });
}

const TAMPERS: readonly Tamper[] = [
  otherAccount,
  otherAccount,
  swapped,
  furtherSigner,
  furtherSigner,
  signingInPlace,
  (random, _world, given) => ({ ...given, data: given.data.slice(0, random.below(given.data.length + 1)) }),
  (random, _world, given) => ({
    ...given,
    data: new Uint8Array([...given.data, ...random.bytes(1 + random.below(9))]),
  }),
  otherByte,
  otherByte,
  (random, _world, given) => ({ ...given, accounts: given.accounts.slice(0, random.below(given.accounts.length + 1)) }),
];

function otherAccount(random: SeededRandom, world: World, given: Given): Given {
  const { accounts } = given;
  if (accounts.length === 0) return given;
  const known = accounts.map(({ address }) => address);
  const address = random.pick([world.wallet, random.pick(known), anyDestination(random, world)]);
  return { ...given, accounts: withAccount(accounts, random.below(accounts.length), { address }) };
}

function swapped(random: SeededRandom, _world: World, given: Given): Given {
  const { accounts } = given;
  if (accounts.length < 2) return given;
  const [a, b] = [random.below(accounts.length), random.below(accounts.length)];
  const [first, second] = [accounts[a]?.address, accounts[b]?.address];
  if (first === undefined || second === undefined) return given;
  return { ...given, accounts: withAccount(withAccount(accounts, a, { address: second }), b, { address: first }) };
}

/** The wallet signs where no role asks it to: some programs take an authority from any signer. */
function furtherSigner(random: SeededRandom, world: World, given: Given): Given {
  const address = random.pick([world.wallet, ...world.others]);
  const role = random.pick([AccountRole.READONLY_SIGNER, AccountRole.WRITABLE_SIGNER]);
  const at = random.chance(70) ? given.accounts.length : random.below(given.accounts.length + 1);
  return { ...given, accounts: given.accounts.toSpliced(at, 0, { address, role }) };
}

function signingInPlace(random: SeededRandom, world: World, given: Given): Given {
  const { accounts } = given;
  if (accounts.length === 0) return given;
  const change = { address: world.wallet, role: AccountRole.WRITABLE_SIGNER };
  return { ...given, accounts: withAccount(accounts, random.below(accounts.length), change) };
}

function otherByte(random: SeededRandom, _world: World, given: Given): Given {
  const data = given.data.slice();
  // The first bytes say which instruction it is.
  if (data.length > 0) data[random.below(random.pick([data.length, Math.min(data.length, 4)]))] = random.below(256);
  return { ...given, data };
}

function withAccount(
  accounts: readonly AccountMeta[],
  at: number,
  change: Partial<AccountMeta>,
): readonly AccountMeta[] {
  return accounts.map((account, i) => (i === at ? { ...account, ...change } : account));
}
