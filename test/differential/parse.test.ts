// Owns the proof that our parser accepts what the runtime accepts and reads what kit reads, on mutations of real transactions.
import type { Address } from '@solana/kit';
import { expect, it } from 'vitest';
import type { CompiledTransaction } from '../../gateway/core/transaction/compiled-transaction.ts';
import { parseTransaction } from '../../gateway/core/transaction/parse.ts';
import { buildCorpus } from './corpus.ts';
import { type KitMessage, kitInstructions, kitOpinion, type Opinion } from './kit-oracle.ts';
import { loading, resolution } from './loading.ts';
import { mutate } from './mutate.ts';
import { askRuntime } from './runtime.ts';
import { seededRandom, seedOfRun } from './seeded-random.ts';

const MUTATIONS = 12_000;
/** Runs on the real loader that end in an abort cost a process each. */
const REFUSED_RUNS = 40;

const seed = seedOfRun('differential parsing');
const random = seededRandom(seed);
const corpus = buildCorpus(random, 160);
const tables = new Map(corpus.tables.map(({ address, entries }) => [address, { addresses: entries }]));
const samples = Array.from({ length: MUTATIONS }, () => {
  const wire = mutate(random, random.pick(corpus.transactions), random.pick(corpus.transactions));
  return { wire, ours: parseTransaction(wire), kit: kitOpinion(wire) };
});

it('accepts exactly the mutations that kit re-encodes to themselves and that keep the rules', () => {
  const accepted = samples.filter(({ ours }) => ours.kind === 'parsed').length;
  console.log(`${MUTATIONS} mutations: ${accepted} accepted, ${MUTATIONS - accepted} refused`);
  for (const { wire, ours, kit } of samples) {
    const agreed = (ours.kind === 'parsed') === (kit.kind === 'right');
    if (!agreed) throw new Error(`ours: ${describe(ours)}; kit: ${describe(kit)}; wire ${hex(wire)}`);
  }
  expect(accepted).toBeGreaterThan(MUTATIONS / 10);
  expect(MUTATIONS - accepted).toBeGreaterThan(MUTATIONS / 10);
});

it('reads from what it accepts the same values as kit', () => {
  for (const { ours, kit } of samples) {
    if (ours.kind === 'parsed' && kit.kind === 'right') expectSame(ours.value, kit);
  }
});

it('loads what the runtime loads, and says why not where the runtime does', async () => {
  const accepted = samples.flatMap(({ wire, ours }) => (ours.kind === 'parsed' ? [{ wire, tx: ours.value }] : []));
  const answers = await askRuntime(
    corpus,
    accepted.map(({ wire }) => wire),
  );
  expect(answers).toHaveLength(accepted.length);
  const counts = new Map<string, number>();
  accepted.forEach(({ wire, tx }, i) => {
    const ours = resolution(tx, tables);
    const theirs = loading(answers[i]);
    counts.set(ours, (counts.get(ours) ?? 0) + 1);
    if (ours !== theirs) throw new Error(`ours: ${ours}; the runtime: ${theirs}; wire ${hex(wire)}`);
  });
  console.log('accepted mutations, as resolved by us and loaded by the runtime:', Object.fromEntries(counts));
});

it('refuses well-formed bytes only where the runtime does, or where a limit is checked before it', async () => {
  const refused = samples.filter(({ ours, kit }) => ours.kind === 'malformed' && kit.kind === 'wrong' && kit.canonical);
  const distinct = [...new Map(refused.map((sample) => [`${describe(sample.ours)}`, sample])).values()];
  const chosen = distinct.slice(0, REFUSED_RUNS);
  const answers = await askRuntime(
    corpus,
    chosen.map(({ wire }) => wire),
  );
  const ran = chosen.filter((_, i) => {
    const answer = answers[i];
    return answer?.kind === 'answered' && answer.error === 'none';
  });
  // LiteSVM has no size limit; a validator drops such packets before it reads them.
  expect(ran.map(({ ours }) => describe(ours)).filter((why) => !why.startsWith('TOO_LARGE'))).toEqual([]);
});

function expectSame(ours: CompiledTransaction, kit: Extract<Opinion, { kind: 'right' }>): void {
  const { message, transaction } = kit;
  expect(ours.version).toBe(message.version);
  expect(ours.messageBytes).toEqual(new Uint8Array(transaction.messageBytes));
  expect(ours.header).toEqual({
    requiredSignatures: message.header.numSignerAccounts,
    readonlySigned: message.header.numReadonlySignerAccounts,
    readonlyUnsigned: message.header.numReadonlyNonSignerAccounts,
  });
  expect(ours.staticAccounts).toEqual(message.staticAccounts);
  expect(ours.lifetimeToken).toBe(message.lifetimeToken);
  expect(ours.signatures).toEqual(kitSignatures(kit));
  expect(ours.instructions.map((i) => ({ ...i, data: new Uint8Array(i.data) }))).toEqual(
    kitInstructions(message).map(({ programIndex, accounts, data }) => ({
      programIndex,
      accountIndexes: accounts,
      data,
    })),
  );
  expect(ours.lookups).toEqual(kitLookups(message));
  expect(configValues(ours)).toEqual(
    message.version === 1 ? message.configValues.map(({ value }) => BigInt(value)) : [],
  );
}

function kitSignatures(kit: Extract<Opinion, { kind: 'right' }>): readonly (Uint8Array | null)[] {
  const signers: readonly Address[] = kit.message.staticAccounts.slice(0, kit.message.header.numSignerAccounts);
  return signers.map((address) => {
    const signature = kit.transaction.signatures[address];
    return signature?.some((byte) => byte !== 0) ? new Uint8Array(signature) : null;
  });
}

function kitLookups(message: KitMessage): readonly unknown[] {
  if (message.version !== 0) return [];
  return (message.addressTableLookups ?? []).map((lookup) => ({
    table: lookup.lookupTableAddress,
    writableIndexes: lookup.writableIndexes,
    readonlyIndexes: lookup.readonlyIndexes,
  }));
}

function configValues({ config }: CompiledTransaction): readonly bigint[] {
  if (config === null) return [];
  const values = [
    config.priorityFeeLamports,
    config.computeUnitLimit,
    config.loadedAccountsDataSizeLimit,
    config.heapSize,
  ];
  return values.flatMap((value) => (value === null ? [] : [BigInt(value)]));
}

function describe(verdict: ReturnType<typeof parseTransaction> | Opinion): string {
  if (verdict.kind === 'malformed') return `${verdict.error.code} ${verdict.error.field} ${verdict.error.found}`;
  return verdict.kind === 'wrong' ? verdict.reason : verdict.kind;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
