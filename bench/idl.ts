// Owns the measurement of programs that an IDL describes: what loading costs, what the first meeting costs, and decoding once warm.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AccountRole, type Address, type Instruction } from '@solana/kit';
import { addressFromBytes, knownAddress } from '../gateway/core/base58.ts';
import { computeEffects } from '../gateway/core/effects/compute-effects.ts';
import { decodeTransaction } from '../gateway/core/transaction/decode.ts';
import { describeProgram } from '../gateway/core/transaction/idl/describe-program.ts';
import type { ProgramDescription } from '../gateway/core/transaction/idl/program-description.ts';
import { readIdl } from '../gateway/core/transaction/idl/read-idl.ts';
import { parseTransaction } from '../gateway/core/transaction/parse.ts';
import type { DescribedPrograms } from '../gateway/core/transaction/programs/decode-instruction.ts';
import { resolveAccounts } from '../gateway/core/transaction/resolve.ts';
import { PUBLIC_IDLS } from '../scripts/public-idls/directory.ts';
import { wireTransaction } from '../tour/transactions.ts';
import { medianUs } from './decode.ts';

const WALLET = knownAddress('9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin');
const JUPITER = knownAddress('JUP6LkbZbjS1jKKwapdHNy74zcZ3tLUZoi5QNyVTaV4');
const DRIFT = knownAddress('dRiftyHA39MWEi3m9aunc5MzRF1JYuBsbn6VPcn33UH');

export interface IdlMeasurement {
  /** The largest public IDL: its instructions, and the milliseconds from its text to a description. */
  readonly largest: { readonly instructions: number; readonly bytes: number; readonly loadMs: number };
  /** The first of its instructions that is met, which is compiled then; the other 245 are not. */
  readonly firstMeetingUs: number;
  /** A v0 transaction with two Compute Budget instructions and a route of Jupiter over three pools, from wire bytes to effects. */
  readonly routeMedianUs: number;
}

/** Throws where the public IDLs are not on this machine. */
export function measureIdls(): IdlMeasurement {
  if (!existsSync(PUBLIC_IDLS)) throw new Error('the public IDLs are not here: run make public-idls');
  const wire = wireTransaction(WALLET, [...computeBudget(), route()]);
  const jupiter: DescribedPrograms = new Map([[JUPITER, describeProgram(load(JUPITER))]]);
  const judge = () => void judged(wire, jupiter);
  for (let i = 0; i < 20_000; i++) judge();
  return { ...measureLargest(), routeMedianUs: medianUs(judge) };
}

function measureLargest() {
  const bytes = readFileSync(fileOf(DRIFT)).length;
  const times = Array.from({ length: 15 }, () => {
    const started = performance.now();
    load(DRIFT);
    return performance.now() - started;
  }).sort((a, b) => a - b);
  const program = load(DRIFT);
  const meetings = Array.from({ length: 15 }, () => {
    const decode = describeProgram(program);
    const started = performance.now();
    const met = decode({ index: 0, program: DRIFT, accounts: accounts(3), data: placePerpOrder() });
    if (met.kind !== 'described') throw new Error(`the order is not described: ${JSON.stringify(met.kind)}`);
    return (performance.now() - started) * 1000;
  }).sort((a, b) => a - b);
  const instructions = program.instructions.length;
  return { largest: { instructions, bytes, loadMs: times[7] ?? 0 }, firstMeetingUs: meetings[7] ?? 0 };
}

function judged(wire: Uint8Array, described: DescribedPrograms) {
  const parsed = parseTransaction(wire);
  if (parsed.kind === 'malformed') throw new Error(parsed.error.code);
  const resolved = resolveAccounts(parsed.value, new Map());
  if (resolved.kind === 'malformed') throw new Error(resolved.error.code);
  const decoded = decodeTransaction(parsed.value, resolved.value, described);
  if (decoded.instructions[2]?.kind !== 'described') throw new Error('the route is not described');
  return computeEffects(decoded, WALLET, { slot: null, accounts: new Map() });
}

function load(program: Address): ProgramDescription {
  const read = readIdl(JSON.parse(readFileSync(fileOf(program), 'utf8')), program);
  if (read.kind === 'refused') throw new Error(read.problems.join('\n'));
  return read.program;
}

function fileOf(program: Address): string {
  return join(PUBLIC_IDLS, `${program}.json`);
}

/** `route`: three steps (Raydium, Whirlpool with a direction, Meteora), in, out, slippage, fee; seven roles and twelve further accounts. */
function route(): Instruction {
  const steps = [7, 40, 0, 1, 17, 1, 60, 0, 1, 19, 100, 1, 2];
  const amounts = [...u64(1_000_000n), ...u64(998_000n), 50, 0, 0];
  const data = Uint8Array.of(0xe5, 0x17, 0xcb, 0x97, 0x7a, 0xe3, 0xad, 0x2a, 3, 0, 0, 0, ...steps, ...amounts);
  const others = Array.from({ length: 18 }, (_, i) => ({ address: key(i + 1), role: AccountRole.WRITABLE }));
  return {
    programAddress: JUPITER,
    accounts: [{ address: WALLET, role: AccountRole.WRITABLE_SIGNER }, ...others],
    data,
  };
}

/** `place_perp_order` with its largest set of options. */
function placePerpOrder(): Uint8Array {
  const some = (...bytes: readonly number[]) => [1, ...bytes];
  return Uint8Array.of(
    ...[0x45, 0xa1, 0x5d, 0xca, 0x78, 0x7e, 0x4c, 0xb9],
    ...[0, 0, 0, 7, ...u64(5n), ...u64(9n), 1, 0, 0, 0, 0],
    ...[
      ...some(...u64(1n)),
      ...some(...u64(2n)),
      0,
      ...some(1, 0, 0, 0),
      ...some(5),
      ...some(...u64(3n)),
      ...some(...u64(4n)),
    ],
  );
}

function u64(value: bigint): number[] {
  return Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}

function key(number: number): Address {
  return addressFromBytes(Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? number : i * 7)));
}

function accounts(count: number) {
  return Array.from({ length: count }, (_, i) => ({ address: key(i), signer: false, writable: true }));
}

function computeBudget(): readonly Instruction[] {
  const programAddress = knownAddress('ComputeBudget111111111111111111111111111111');
  return [
    { programAddress, data: Uint8Array.of(2, 0x40, 0x0d, 3, 0) },
    { programAddress, data: Uint8Array.of(3, 0xe8, 3, 0, 0, 0, 0, 0, 0) },
  ];
}

if (import.meta.main) console.log(measureIdls());
