// Owns the whole check of a chain from one source: hashes, intents, votes, and where it begins; and what is said of it.
import { createHash } from 'node:crypto';
import { verifySignature } from '../../signers/verify.ts';
import { type ChainPosition, verifyAnchor, verifyChain, verifyNoSignatureWithoutIntent } from '../audit/verify.ts';
import { verifyVotes } from '../audit/verify-votes.ts';
import type { AuditSource } from './commands/audit-source.ts';

export interface ChainReport {
  readonly code: 0 | 1;
  readonly lines: readonly string[];
  /** Where the chain ends; `null`: it is broken. */
  readonly head: ChainPosition | null;
}

/** `noted`: a head from before, which must be in the chain. */
export async function verifyRecords(source: AuditSource, noted: ChainPosition | null): Promise<ChainReport> {
  const anchor = await source.anchor();
  const after = anchor === null ? {} : { after: anchor };
  const own = await source.head();
  const chain = await verifyChain(source.records(), sha256, { ...after, ...(own === null ? {} : { head: own }) });
  if (chain.kind === 'broken') return broken(source, chain);
  if (noted !== null) {
    const found = await verifyNoted(source, anchor, noted);
    if (found !== null) return found;
  }
  const isPruned = anchor !== null;
  const intent = await verifyNoSignatureWithoutIntent(source.records(), { isPruned });
  if (intent.kind === 'broken') return broken(source, intent);
  const votes = await verifyVotes(source.records(), verifySignature, { isPruned });
  if (votes.kind === 'broken') return broken(source, votes);
  if (anchor !== null && !(await verifyAnchor(source.records(), anchor))) {
    const reason = `no record says that the chain was pruned up to ${anchor.sequence}: its beginning was cut off`;
    return broken(source, { sequence: anchor.sequence, reason });
  }
  const { count } = chain;
  const head = { sequence: (anchor?.sequence ?? 0n) + count, hash: chain.head };
  return {
    code: 0,
    head,
    lines: [
      `intact: ${source.name}, ${count} records, ${intent.signatures} signatures, each with its intent`,
      ...(anchor === null ? [] : begins(anchor, intent.intendedBefore ?? 0n)),
      `votes:  ${votes.votes}, of which ${votes.signed} are signed by their approvers`,
      `head:   ${printed(head)}`,
    ],
  };
}

async function verifyNoted(
  source: AuditSource,
  anchor: ChainPosition | null,
  noted: ChainPosition,
): Promise<ChainReport | null> {
  if (anchor !== null && noted.sequence <= anchor.sequence) {
    if (noted.sequence === anchor.sequence && Buffer.from(noted.hash).equals(anchor.hash)) return null;
    const reason = `the noted head ${noted.sequence} was pruned: verify the exports from before beside this one`;
    return broken(source, { sequence: noted.sequence, reason });
  }
  const verdict = await verifyChain(source.records(), sha256, {
    ...(anchor === null ? {} : { after: anchor }),
    head: noted,
  });
  return verdict.kind === 'broken' ? broken(source, verdict) : null;
}

function begins(anchor: ChainPosition, intendedBefore: bigint): readonly string[] {
  return [
    `begins: after ${printed(anchor)}; what was before is pruned, and not checked here`,
    ...(intendedBefore === 0n
      ? []
      : [`        ${intendedBefore} signatures have their intent before that, if they have one`]),
  ];
}

function broken({ name }: AuditSource, { sequence, reason }: { sequence: bigint; reason: string }): ChainReport {
  return { code: 1, head: null, lines: [`BROKEN: ${name}, record ${sequence}: ${reason}`] };
}

function printed({ sequence, hash }: ChainPosition): string {
  return `${sequence}:${Buffer.from(hash).toString('hex')}`;
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}
