// Owns the whole way of a described instruction: IDL files of each generation, a wire transaction, and what the policy input says.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AccountRole, type Address, type Instruction } from '@solana/kit';
import { describe, expect, it } from 'vitest';
import { addressFromBytes, knownAddress } from '../../gateway/core/base58.ts';
import { computeEffects } from '../../gateway/core/effects/compute-effects.ts';
import { instructionJson } from '../../gateway/core/policy-input/transaction-json.ts';
import { decodeTransaction } from '../../gateway/core/transaction/decode.ts';
import type { DecodedTransaction } from '../../gateway/core/transaction/decoded-transaction.ts';
import { readDescribedPrograms } from '../../gateway/core/transaction/idl/described-programs.ts';
import { parseTransaction } from '../../gateway/core/transaction/parse.ts';
import { resolveAccounts } from '../../gateway/core/transaction/resolve.ts';
import { wireTransaction } from '../../tour/transactions.ts';

const WALLET = key(200);
const CPMM = knownAddress('CPMMoo8L3F4NbTegBCKVNunggL7H1ZpdTHKxQB5qKP1C');
const SOLEND = knownAddress('So1endDq2YkqhipRh3WViPa8hdiSpxWy6z3Z6tMCpAo');
const VAULT = knownAddress('Fg6PaFpoGXkYsidMpWTK6W2BeZ7FEfcYkg476zPFsLnS');
const LEDGER = knownAddress('7kuT1dfMhUysWcLEV1eYk8ir7RTjszHmsUdrrPQNThcv');

const DESCRIBED = readDescribedPrograms([
  { address: CPMM, json: readJson('raydium-cp-swap.anchor-0.30.json') },
  { address: SOLEND, json: readJson('solend.native.json') },
  { address: VAULT, json: readJson('vault.anchor-0.29.json') },
  { address: LEDGER, json: readJson('ledger.codama.json') },
]);

describe('a policy input names the arguments and accounts of a program that is described', () => {
  it('by Anchor 0.30: a swap on Raydium CPMM', () => {
    const data = [143, 190, 90, 218, 196, 30, 51, 222, ...u64(2n ** 53n + 1n), ...u64(990_000n)];
    const said = saidOf(
      CPMM,
      data,
      Array.from({ length: 13 }, (_, i) => key(i)),
    );
    expect(said.json).toContain('"arguments":{"amount_in":9007199254740993,"minimum_amount_out":990000}');
    expect(said.json).toContain('"kind":"described","name":"swap_base_input"');
    expect(said.json).toContain('"program_name":"raydium_cp_swap"');
    expect(said.roles).toEqual([
      ...['payer', 'authority', 'amm_config', 'pool_state', 'input_token_account', 'output_token_account'],
      ...['input_vault', 'output_vault', 'input_token_program', 'output_token_program'],
      ...['input_token_mint', 'output_token_mint', 'observation_state'],
    ]);
  });

  it('by numbers of instructions: a repayment to Solend', () => {
    const said = saidOf(SOLEND, [11, ...u64(5n)], [1, 2, 3, 4, 5, 6, 7, 8].map(key));
    expect(said.json).toContain('"arguments":{"liquidity_amount":5}');
    expect(said.json).toContain('"name":"repay_obligation_liquidity"');
    expect(said.json).toContain('"program_name":"solend_token_lending"');
    expect(said.roles.slice(5)).toEqual(['user_transfer_authority', 'token_program', 'extra_0']);
  });

  it('by Anchor 0.29, with what anybody can write apart from what rules match on', () => {
    const note = '"},{"name":"transfer"';
    const recipient = [...new Uint8Array(32).fill(9), 0x88, 0x13, note.length, 0, 0, 0, ...Buffer.from(note)];
    const data = [242, 80, 163, 0, 196, 221, 194, 194, 0, 1, 0, 0, 0, ...recipient];
    const said = saidOf(VAULT, data, [key(1), key(2), key(3), key(4), VAULT]);
    const nines = addressFromBytes(new Uint8Array(32).fill(9));
    expect(said.json).toContain(`"arguments":{"recipients":[{"key":"${nines}","share_bps":5000}]}`);
    expect(said.json).toContain(`"texts":{"recipients.0.note":${JSON.stringify(note)}}`);
    expect(said.roles).toEqual(['owner', 'source_vault', 'source_mint', 'destination_vault', 'omitted_referrer']);
  });

  it('by Codama', () => {
    const amount = [...u64(7n), ...u64(1n)];
    const said = saidOf(LEDGER, [3, ...amount, 2, 104, 105, ...u64(86_400n)], [key(1), LEDGER]);
    expect(said.json).toContain('"arguments":{"amount":18446744073709551623,"booked_at":86400}');
    expect(said.json).toContain('"name":"record_entry"');
    expect(said.json).toContain('"texts":{"subject":"hi"}');
    expect(said.roles).toEqual(['ledger', 'omitted_co_signer']);
  });
});

describe('what an IDL says', () => {
  it('does not make known what the instruction does', () => {
    const transaction = decodedOf(SOLEND, [11, ...u64(5n)], [1, 2, 3, 4, 5, 6, 7].map(key));
    const { missing } = computeEffects(transaction, WALLET, { slot: null, accounts: new Map() });
    expect(missing).toContainEqual(expect.objectContaining({ fact: 'instruction', instruction: 0 }));
  });

  it('stands in no input when a byte of it does not fit', () => {
    const transaction = decodedOf(LEDGER, [3, ...u64(1n), ...u64(0n), 1, 255], [key(1)]);
    expect(transaction.instructions[0]).toMatchObject({
      kind: 'unknown',
      programName: 'open_ledger',
      reason: 'record_entry: subject: a text is not valid UTF-8',
    });
  });
});

function saidOf(program: Address, data: readonly number[], accounts: readonly Address[]) {
  const [instruction] = decodedOf(program, data, accounts).instructions;
  if (instruction?.kind !== 'described') throw new Error(JSON.stringify(instruction?.kind));
  return { json: instructionJson(instruction), roles: instruction.accounts.map(({ role }) => role) };
}

function decodedOf(program: Address, data: readonly number[], accounts: readonly Address[]): DecodedTransaction {
  if (DESCRIBED.kind === 'refused') throw new Error(DESCRIBED.problems.map(({ problem }) => problem).join('\n'));
  const metas = accounts.map((address) => ({ address, role: AccountRole.READONLY }));
  const instruction: Instruction = { programAddress: program, accounts: metas, data: Uint8Array.from(data) };
  const parsed = parseTransaction(wireTransaction(WALLET, [instruction]));
  if (parsed.kind === 'malformed') throw new Error(parsed.error.code);
  const resolved = resolveAccounts(parsed.value, new Map());
  if (resolved.kind === 'malformed') throw new Error(resolved.error.code);
  return decodeTransaction(parsed.value, resolved.value, DESCRIBED.programs);
}

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'data', name), 'utf8'));
}

function u64(value: bigint): number[] {
  return Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}

function key(number: number): Address {
  return addressFromBytes(new Uint8Array(32).fill(number + 1));
}
