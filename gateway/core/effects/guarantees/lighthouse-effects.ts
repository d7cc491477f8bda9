// Owns what Lighthouse instructions do: assertions do nothing but fail; memory costs its payer rent.
import type { ArgumentValue, KnownInstruction } from '../../transaction/decoded-transaction.ts';
import type { LighthouseInstructionName } from '../../transaction/programs/lighthouse/lighthouse.ts';
import { LIGHTHOUSE_PROGRAM } from '../../transaction/programs/program-ids.ts';
import { recordRent } from '../account-rent.ts';
import { type InstructionEffect, nothing } from '../instruction-effect.ts';
import { accountIn, integerIn } from '../instruction-parts.ts';
import { payLamports } from '../lamport-payment.ts';
import { type Ledger, lamportsOf, moveLamports, reportMissing } from '../ledger.ts';
import { rentExemption } from '../rent.ts';
import { memberOf, membersOf } from './argument-values.ts';

const ASSERTION = nothing('none; the transaction fails unless it holds: `guarantees`');

export const LIGHTHOUSE_EFFECTS = {
  memory_write: {
    says: 'remembers something to compare with; the payer pays at most the rent of the memory: `operations`, `creations`',
    apply: writeMemory,
  },
  memory_close: {
    says: 'ends a memory; its lamports go to the payer: `operations`, `closes`, `transfers`',
    apply: close,
  },
  assert_account_data: ASSERTION,
  assert_account_data_multi: ASSERTION,
  assert_account_delta: ASSERTION,
  assert_account_info: ASSERTION,
  assert_account_info_multi: ASSERTION,
  assert_mint_account: ASSERTION,
  assert_mint_account_multi: ASSERTION,
  assert_token_account: ASSERTION,
  assert_token_account_multi: ASSERTION,
  assert_stake_account: ASSERTION,
  assert_stake_account_multi: ASSERTION,
  assert_upgradeable_loader_account: ASSERTION,
  assert_upgradeable_loader_account_multi: ASSERTION,
  assert_sysvar_clock: ASSERTION,
  assert_merkle_tree_account: ASSERTION,
  assert_bubblegum_tree_config_account: ASSERTION,
} satisfies Record<LighthouseInstructionName, InstructionEffect>;

/** A memory that is there already, and large enough, costs nothing; the rent of one that is not is what can be paid at most. */
function writeMemory(ledger: Ledger, instruction: KnownInstruction): void {
  const account = accountIn(instruction, 'memory');
  const payer = accountIn(instruction, 'payer');
  const { index } = instruction;
  ledger.effects.operations.push({ instruction: index, basis: ledger.basis, kind: 'memory_write', account });
  const needed = rentExemption(integerIn(instruction, 'write_offset') + writtenBytes(instruction.arguments.write_type));
  const paidBefore = ledger.lamportChanges.get(account) ?? 0n;
  const rentLamports = paidBefore > 0n ? needed - paidBefore : needed;
  if (rentLamports <= 0n) return;
  const kind = paidBefore > 0n ? 'larger' : 'new';
  recordRent(ledger, { instruction: index, kind, account, payer, ownerProgram: LIGHTHOUSE_PROGRAM, rentLamports });
  ledger.rentHolders.set(account, payer);
  moveLamports(ledger, payer, account, rentLamports);
}

/** The payer is the one that the memory's address is derived from, and the only one who can close it. */
function close(ledger: Ledger, instruction: KnownInstruction): void {
  const account = accountIn(instruction, 'memory');
  const payer = accountIn(instruction, 'payer');
  const { index } = instruction;
  ledger.effects.operations.push({ instruction: index, basis: ledger.basis, kind: 'memory_close', account });
  const amount = lamportsOf(ledger, account);
  if (amount === null) reportMissing(ledger, 'lamports', index, `${account} was not read from the chain`);
  const { basis } = ledger;
  ledger.effects.closes.push({ instruction: index, basis, account, owner: payer, destination: payer });
  const payment = { source: account, sourceOwner: payer, destination: payer, amount: amount ?? 0n };
  payLamports(ledger, index, payment, payer === ledger.wallet);
}

const INFO_FIELD_BYTES: Readonly<Record<string, bigint>> = {
  key: 32n,
  lamports: 8n,
  data_length: 8n,
  owner: 32n,
  rent_epoch: 8n,
  executable: 1n,
};

const DATA_VALUE_BYTES: Readonly<Record<string, bigint>> = {
  bool: 1n,
  u8: 1n,
  i8: 1n,
  u16: 2n,
  i16: 2n,
  u32: 4n,
  i32: 4n,
  u64: 8n,
  i64: 8n,
  u128: 16n,
  i128: 16n,
  pubkey: 32n,
};

/** Throws when the decoder read no such write: a fault of ours. */
function writtenBytes(write: ArgumentValue | undefined): bigint {
  const size = sizeOf(write);
  if (size === undefined) throw new Error('memory_write was decoded without what it writes');
  return size;
}

function sizeOf(write: ArgumentValue | undefined): bigint | undefined {
  const data = memberOf(write, 'account_data');
  if (data !== undefined) {
    const length = memberOf(data, 'data_length');
    return typeof length === 'bigint' ? length : undefined;
  }
  const field = memberOf(write, 'account_info_field');
  if (typeof field === 'string') return INFO_FIELD_BYTES[field];
  if (memberOf(write, 'clock') !== undefined) return 8n;
  const value = memberOf(write, 'data_value');
  const bytes = memberOf(value, 'bytes');
  if (typeof bytes === 'string') return BigInt(atob(bytes).length);
  const [entry] = membersOf(value);
  return entry === undefined ? undefined : DATA_VALUE_BYTES[entry[0]];
}
