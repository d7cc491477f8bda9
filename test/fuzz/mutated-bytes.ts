// Owns giving the parser mutated transactions by the million: none may crash it, hang it, or be accepted where the runtime refuses it.
import type { Address } from '../../gateway/core/address.ts';
import { computeEffects } from '../../gateway/core/effects/compute-effects.ts';
import { decodeTransaction } from '../../gateway/core/transaction/decode.ts';
import type { LookupTable } from '../../gateway/core/transaction/decoded-transaction.ts';
import { parseTransaction } from '../../gateway/core/transaction/parse.ts';
import { resolveAccounts } from '../../gateway/core/transaction/resolve.ts';
import { buildCorpus, type Corpus } from '../differential/corpus.ts';
import { kitOpinion } from '../differential/kit-oracle.ts';
import { loading, resolution } from '../differential/loading.ts';
import { mutate } from '../differential/mutate.ts';
import { askRuntime } from '../differential/runtime.ts';
import type { SeededRandom } from '../differential/seeded-random.ts';

const CORPUS_SIZE = 400;
/** So many are asked of one runtime. */
const CHUNK = 10_000;
/** kit is a hundred times slower than the parser: it sees one of so many. */
const KIT_SHARE = 25;
/** A parser that takes longer hangs. */
const LONGEST_MS = 1_000;

export interface MutationFigures {
  readonly inputs: number;
  readonly accepted: number;
  /** Accepted, and loaded by the runtime as we resolve them. */
  readonly loaded: number;
  readonly seenByKit: number;
  /** Of one input, parse to effects. */
  readonly slowestMs: number;
  readonly perSecond: number;
}

/** Throws with the bytes where anything is not as it should be. */
export async function fuzzBytes(random: SeededRandom, count: number): Promise<MutationFigures> {
  const corpus = buildCorpus(random, CORPUS_SIZE);
  const tables = new Map(corpus.tables.map(({ address, entries }) => [address, { addresses: entries }]));
  const figures = { inputs: 0, accepted: 0, loaded: 0, seenByKit: 0, slowestMs: 0, busyMs: 0 };
  // The runtime answers for one chunk while the next is made.
  let answered = Promise.resolve(0);
  while (figures.inputs < count) {
    const accepted: Uint8Array[] = [];
    for (let i = 0; i < CHUNK && figures.inputs < count; i++, figures.inputs++) {
      const wire = mutate(random, random.pick(corpus.transactions), random.pick(corpus.transactions));
      const started = performance.now();
      const isAccepted = judge(wire, corpus.feePayer, tables);
      const took = performance.now() - started;
      figures.busyMs += took;
      figures.slowestMs = Math.max(figures.slowestMs, took);
      if (took > LONGEST_MS) throw new Error(`${took} ms for ${hex(wire)}`);
      if (isAccepted) accepted.push(wire);
      if (i % KIT_SHARE !== 0) continue;
      figures.seenByKit++;
      requireKit(wire, isAccepted);
    }
    figures.accepted += accepted.length;
    figures.loaded += await answered;
    answered = requireRuntime(corpus, tables, accepted);
  }
  figures.loaded += await answered;
  const { busyMs, ...rest } = figures;
  return { ...rest, perSecond: Math.round((figures.inputs * 1000) / busyMs) };
}

type Tables = ReadonlyMap<Address, LookupTable>;

/** The whole way from bytes to effects, as far as the bytes go. */
function judge(wire: Uint8Array, wallet: Address, tables: Tables): boolean {
  try {
    const parsed = parseTransaction(wire);
    if (parsed.kind === 'malformed') {
      if (parsed.error.offset <= wire.length) return false;
      throw new Error(`an offset of ${parsed.error.offset} in ${wire.length} bytes`);
    }
    const accounts = resolveAccounts(parsed.value, tables);
    if (accounts.kind === 'malformed') return true;
    computeEffects(decodeTransaction(parsed.value, accounts.value), wallet, { slot: null, accounts: new Map() });
    return true;
  } catch (error) {
    throw new Error(`it throws for ${hex(wire)}`, { cause: error });
  }
}

function requireKit(wire: Uint8Array, isAccepted: boolean): void {
  const kit = kitOpinion(wire);
  if ((kit.kind === 'right') === isAccepted) return;
  throw new Error(`${isAccepted ? 'accepted' : 'refused'}, and kit says ${kit.kind}: ${hex(wire)}`);
}

async function requireRuntime(corpus: Corpus, tables: Tables, wires: readonly Uint8Array[]): Promise<number> {
  const answers = await askRuntime(corpus, wires);
  let loaded = 0;
  wires.forEach((wire, i) => {
    const parsed = parseTransaction(wire);
    if (parsed.kind === 'malformed') throw new Error(`not accepted twice: ${hex(wire)}`);
    const [ours, theirs] = [resolution(parsed.value, tables), loading(answers[i])];
    if (ours !== theirs) throw new Error(`ours: ${ours}; the runtime: ${theirs}; ${hex(wire)}`);
    if (ours === 'resolved') loaded++;
  });
  return loaded;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
