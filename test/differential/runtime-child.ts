// Owns a LiteSVM in a process of its own: bytes that its loader cannot read abort the process.
import { createRequire } from 'node:module';
import type { LiteSvm } from 'litesvm/dist/internal.js';
import { decodeBase58 } from '../../gateway/core/base58.ts';
import type { KnownTable } from './corpus.ts';

interface Setup {
  readonly kind: 'setup';
  readonly feePayer: string;
  readonly tables: readonly KnownTable[];
}

interface Simulate {
  readonly kind: 'simulate';
  readonly id: number;
  readonly wire: Uint8Array;
}

export interface Simulated {
  readonly id: number;
  /** Number of a TransactionErrorFieldless, `other` for an error with fields, `none` where it ran. */
  readonly error: number | 'other' | 'none';
}

const internal: typeof import('litesvm/dist/internal.js') = createRequire(import.meta.url)('litesvm/dist/internal.js');
const LOOKUP_TABLE_PROGRAM = 'AddressLookupTab1e1111111111111111111111111';

let svm: LiteSvm | null = null;

process.on('message', (message: Setup | Simulate) => {
  if (message.kind === 'setup') svm = start(message);
  else process.send?.(simulate(message));
});
process.on('disconnect', () => process.exit(0));

function start(setup: Setup): LiteSvm {
  const chain = new internal.LiteSvm();
  chain.setSysvars();
  chain.setBuiltins();
  chain.setDefaultPrograms();
  chain.setSigverify(false);
  chain.setBlockhashCheck(false);
  chain.setTransactionHistory(0n);
  chain.airdrop(keyBytes(setup.feePayer), 1_000_000_000_000n);
  chain.warpToSlot(10n);
  for (const table of setup.tables) {
    const account = new internal.Account(10_000_000n, tableData(table), keyBytes(LOOKUP_TABLE_PROGRAM), false, 0n);
    chain.setAccount(keyBytes(table.address), account);
  }
  return chain;
}

function simulate(message: Simulate): Simulated {
  if (svm === null) throw new Error('simulate before setup');
  const result = svm.simulateVersionedTransaction(message.wire);
  if (!(result instanceof internal.FailedTransactionMetadata)) return { id: message.id, error: 'none' };
  const error = result.err();
  return { id: message.id, error: typeof error === 'number' ? error : 'other' };
}

function tableData(table: KnownTable): Uint8Array {
  const data = new Uint8Array(56 + table.entries.length * 32);
  const view = new DataView(data.buffer);
  view.setUint32(0, 1, true);
  view.setBigUint64(4, 2n ** 64n - 1n, true);
  table.entries.forEach((entry, i) => {
    data.set(keyBytes(entry), 56 + i * 32);
  });
  return data;
}

function keyBytes(address: string): Uint8Array {
  return decodeBase58(address) ?? new Uint8Array(32);
}
