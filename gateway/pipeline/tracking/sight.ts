// Owns what the tracker sees of the chain: asked once for all requests that are looked at together.
import { type ChainReader, ChainUnavailable, type SignatureStatus } from '../../../relayer/chain-reader.ts';
import { assertNever } from '../../core/assert-never.ts';
import type { RequestRecord } from '../../state/contract/request-store.ts';
import { isLost } from '../lost-signature.ts';
import type { PipelineDeps } from '../pipeline-deps.ts';
import { askTogether } from './ask-together.ts';
import type { Fate, LifetimeEnd, UnusedUntil } from './fate.ts';
import { type Finality, witnessFinality } from './finality.ts';
import type { LandedTransaction, Lookup } from './lookup.ts';
import { witnessFates } from './witnesses.ts';

/** What the stage looks at the chain with; one for all requests that are looked at together. */
export interface Sight {
  /** `null`: the chain could not be asked. */
  statuses(): Promise<SeenStatuses | null>;
  /** At commitment `confirmed`. May be as old as the sight: a lower height proves less, never more. */
  blockHeight(): Promise<bigint>;
  /** What is certain of a request whose status is `null`, or whose signature is not known. */
  fate(request: RequestRecord): Promise<Outlook>;
  /** The transaction of this request that landed under this signature; `null`: it cannot be read now. */
  read(request: RequestRecord, signature: string): Promise<LandedTransaction | null>;
  /** What enough nodes show of a transaction that one of them shows as `told`: enough where it is final and one is. */
  finality(signature: string, told: SignatureStatus): Promise<Finality>;
  /** Whether the bytes of this request should be sent again now; says yes once an interval. */
  resendIsDue(requestId: string): boolean;
  /** Whether this request has been unproven for so long that nobody will ever prove anything of it. */
  patienceIsOver(requestId: string): boolean;
  readonly signal: AbortSignal;
}

export type Outlook =
  | { readonly kind: 'alive' | 'unused_nonce' | 'dead' | 'unknowable' }
  /** To be looked at again in a while. */
  | { readonly kind: 'searching' }
  /** `isNamed`: it can have landed under the recorded signature only. */
  | { readonly kind: 'unproven'; readonly isNamed: boolean }
  /** `transactionSignature`: under which it was found; `null`: under the one that is recorded. */
  | { readonly kind: 'landed'; readonly status: SignatureStatus; readonly transactionSignature: string | null };

export interface SeenStatuses {
  /** The slot that the node had processed when it answered. */
  readonly slot: bigint;
  /** By base58 transaction signature; `null`: the node does not find it. */
  readonly of: ReadonlyMap<string, SignatureStatus | null>;
}

export interface SightOptions {
  readonly resendIsDue: (requestId: string) => boolean;
  readonly patienceIsOver: (requestId: string) => boolean;
  /** Of each node, what it told earlier. */
  readonly unusedUntil: (node: ChainReader) => UnusedUntil;
  readonly lookup: Lookup;
  readonly signal: AbortSignal;
}

type ChainDeps = Pick<PipelineDeps, 'chain'>;

export interface SightDeps extends ChainDeps, Pick<PipelineDeps, 'now'> {}

/** Asks the chain for what these requests have in common at most once, and only when one of them needs it. */
export function openSight({ chain, now }: SightDeps, due: readonly RequestRecord[], options: SightOptions): Sight {
  const { signal, resendIsDue, patienceIsOver, unusedUntil, lookup } = options;
  let statuses: ReturnType<Sight['statuses']> | null = null;
  let height: Promise<bigint> | null = null;
  let fates: Promise<ReadonlyMap<string, Fate>> | null = null;
  const witnessed = askTogether((signatures) => witnessFinality(chain, signatures, signal));
  const sight: Sight = {
    signal,
    resendIsDue,
    patienceIsOver,
    statuses: () => {
      statuses ??= readStatuses({ chain }, due, signal);
      return statuses;
    },
    blockHeight: () => {
      height ??= chain.getBlockHeight('confirmed', signal);
      return height;
    },
    fate: async (request) => {
      fates ??= sight
        .statuses()
        .then((seen) => witnessFates(chain, due.filter(isMissing(seen)), unusedUntil, now(), signal));
      return outlookOf(lookup, request, (await fates).get(request.requestId) ?? { kind: 'alive' });
    },
    read: lookup.read,
    finality: async (signature, told) => (chain.witnesses === 1 ? byOne(told) : witnessed(signature)),
  };
  return sight;
}

/** Nobody disputes the word of one that stands alone. */
function byOne(told: SignatureStatus): Finality {
  return told.commitment === 'finalized' ? { kind: 'certain', status: told } : { kind: 'open', showings: [] };
}

function outlookOf(lookup: Lookup, request: RequestRecord, fate: Fate): Outlook {
  switch (fate.kind) {
    case 'landed':
      return { ...fate, transactionSignature: null };
    case 'dead':
      return lookup.isNamed(request) ? fate : foundBy(lookup, request, fate.end);
    case 'unknowable':
      return foundBy(lookup, request, fate.end);
    case 'unproven':
      return { kind: 'unproven', isNamed: lookup.isNamed(request) };
    case 'alive':
    case 'unused_nonce':
      return fate;
    default:
      return assertNever(fate);
  }
}

function foundBy(lookup: Lookup, request: RequestRecord, end: LifetimeEnd): Outlook {
  const finding = lookup.find(request, end);
  return finding.kind === 'unproven' ? { kind: 'unproven', isNamed: false } : finding;
}

/** What each node told of durable nonces, for as long as this process runs. */
export function createNonceMemory(): (node: ChainReader) => UnusedUntil {
  const memory = new WeakMap<ChainReader, UnusedUntil>();
  return (node) => {
    const known = memory.get(node) ?? new Map<string, bigint>();
    memory.set(node, known);
    return known;
  };
}

async function readStatuses(
  { chain }: ChainDeps,
  due: readonly RequestRecord[],
  signal: AbortSignal,
): Promise<SeenStatuses | null> {
  const signatures = due.flatMap(({ transactionSignature }) => transactionSignature ?? []);
  if (signatures.length === 0) return { slot: 0n, of: new Map() };
  try {
    const { slot, statuses } = await chain.getSignatureStatuses(signatures, signal);
    return { slot, of: new Map(signatures.map((signature, i) => [signature, statuses[i] ?? null])) };
  } catch (error) {
    if (error instanceof ChainUnavailable) return null;
    throw error;
  }
}

function isMissing(seen: SeenStatuses | null): (request: RequestRecord) => boolean {
  return (request) => {
    const { transactionSignature: signature, signedTransaction } = request;
    const mayLand = signedTransaction !== null || isLost(request);
    return mayLand && (signature === null || (seen?.of.get(signature) ?? null) === null);
  };
}
