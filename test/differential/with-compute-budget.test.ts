// Owns the proof that setting a compute budget changes nothing else: each other instruction has the accounts and data that it had.
import { expect, it } from 'vitest';
import type { CompiledTransaction } from '../../gateway/core/transaction/compiled-transaction.ts';
import { parseTransaction } from '../../gateway/core/transaction/parse.ts';
import { COMPUTE_BUDGET_PROGRAM } from '../../gateway/core/transaction/programs/program-ids.ts';
import { resolveAccounts } from '../../gateway/core/transaction/resolve.ts';
import { withComputeBudget } from '../../gateway/core/transaction/with-compute-budget.ts';
import { buildCorpus } from './corpus.ts';
import { kitOpinion } from './kit-oracle.ts';
import { seededRandom, seedOfRun } from './seeded-random.ts';

const random = seededRandom(seedOfRun('compute budgets'));
const corpus = buildCorpus(random, 300);
const tables = new Map(corpus.tables.map(({ address, entries }) => [address, { addresses: entries }]));
const settable = corpus.transactions.flatMap((wire) => {
  const { value } = parsed(wire);
  return value === null || value.version === 1 ? [] : [value];
});

it('sets limit and price, and leaves every other instruction, signer and account as it was', () => {
  let set = 0;
  for (const before of settable) {
    const budget = { unitLimit: 200_000 + set, unitPrice: 2n ** 63n + BigInt(set) };
    const wire = withComputeBudget(before, budget);
    const after = wire === null ? null : parsed(wire).value;
    // Too large for a packet: the parser says so.
    if (wire === null || after === null) continue;
    set += 1;
    expect(kitOpinion(wire).kind).toBe('right');
    expect(budgetIn(after)).toEqual({ 2: [BigInt(budget.unitLimit)], 3: [budget.unitPrice] });
    expect(after.lifetimeToken).toBe(before.lifetimeToken);
    expect(after.version).toBe(before.version);
    expect(after.signatures).toHaveLength(before.signatures.length);
    const [old, now] = [named(before), named(after)];
    expect(now.others.slice(0, old.others.length)).toEqual(old.others);
    expect(now.others).toHaveLength(old.others.length);
    for (const account of old.accounts) expect(now.accounts).toContainEqual(account);
    expect(now.accounts.length - old.accounts.length).toBeLessThanOrEqual(1);
  }
  expect(set).toBeGreaterThan(100);
});

it('replaces what it set before, and is then the same transaction', () => {
  for (const transaction of settable.slice(0, 50)) {
    const first = withComputeBudget(transaction, { unitLimit: 1, unitPrice: 1n });
    const read = first === null ? null : parsed(first).value;
    if (read === null) continue;
    const again = withComputeBudget(read, { unitLimit: 7, unitPrice: null });
    const direct = withComputeBudget(transaction, { unitLimit: 7, unitPrice: 1n });
    expect(again).toEqual(direct);
  }
});

function parsed(wire: Uint8Array): { readonly value: CompiledTransaction | null } {
  const result = parseTransaction(wire);
  return { value: result.kind === 'parsed' ? result.value : null };
}

/** By opcode; a transaction of the corpus may hold other instructions of the program. */
function budgetIn({ staticAccounts, instructions }: CompiledTransaction) {
  const own = instructions.filter(({ programIndex }) => staticAccounts[programIndex] === COMPUTE_BUDGET_PROGRAM);
  const values = (opcode: number, read: (view: DataView) => bigint) =>
    own
      .filter(({ data }) => data[0] === opcode)
      .map(({ data }) => read(new DataView(data.buffer, data.byteOffset, data.length)));
  return {
    2: values(2, (view) => BigInt(view.getUint32(1, true))),
    3: values(3, (view) => view.getBigUint64(1, true)),
  };
}

function accountsOf(transaction: CompiledTransaction) {
  const resolved = resolveAccounts(transaction, tables);
  if (resolved.kind !== 'parsed')
    throw new Error(`a transaction of the corpus does not resolve: ${resolved.error.code}`);
  return resolved.value;
}

function named(transaction: CompiledTransaction) {
  const accounts = accountsOf(transaction);
  const others = transaction.instructions
    .filter(({ programIndex }) => accounts[programIndex]?.address !== COMPUTE_BUDGET_PROGRAM)
    .map(({ programIndex, accountIndexes, data }) => ({
      program: accounts[programIndex],
      accounts: accountIndexes.map((index) => accounts[index]),
      data: [...data],
    }));
  return { accounts, others };
}
