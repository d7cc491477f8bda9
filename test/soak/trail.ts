// Owns reading the audit chain for the oracle: who signed, was asked, voted, froze and lifted, in the order of the chain.
import type { AuditRecord } from '../../gateway/core/audit/audit-record.ts';
import { isRecord } from '../../relayer/json-exact.ts';
import type { Evidence, RecordedFreezing, RecordedSignature, RecordedVote, Trail } from './evidence.ts';

interface Entry {
  readonly sequence: bigint;
  readonly kind: string;
  readonly requestId: string;
  readonly actor: string;
  readonly time: number;
  readonly facts: Readonly<Record<string, unknown>>;
}

const READ = new Set([
  'request.signing',
  'request.signed',
  'request.approval_required',
  'approval.vote',
  'approval.vote_withdrawn',
  'freeze.set',
  'freeze.lift_voted',
  'freeze.lifted',
]);

export async function readTrail(records: AsyncIterable<AuditRecord>): Promise<Pick<Evidence, 'signatures' | 'trail'>> {
  const entries: Entry[] = [];
  for await (const record of records) {
    const entry = readEntry(record);
    if (entry !== null) entries.push(entry);
  }
  return { signatures: entries.flatMap(signatureIn), trail: trailIn(entries) };
}

function readEntry({ sequence, body }: AuditRecord): Entry | null {
  const entry: unknown = JSON.parse(new TextDecoder().decode(body));
  if (!isRecord(entry) || typeof entry.kind !== 'string' || !READ.has(entry.kind) || !isRecord(entry.facts))
    return null;
  const { kind, request_id: requestId, actor, time_unix_ms: time, facts } = entry;
  return { sequence, kind, requestId: String(requestId), actor: String(actor), time: Number(time), facts };
}

function trailIn(entries: readonly Entry[]): Trail {
  return {
    intents: entries.filter(({ kind }) => kind === 'request.signing'),
    demands: entries
      .filter(({ kind }) => kind === 'request.approval_required')
      .map(({ sequence, requestId, facts }) => ({ sequence, requestId, approvalId: String(facts.approval_id) })),
    votes: entries.flatMap(voteIn),
    freezes: entries.flatMap(freezingIn),
  };
}

function signatureIn({ kind, sequence, requestId, time, facts }: Entry): readonly RecordedSignature[] {
  return kind === 'request.signed' ? [{ sequence, requestId, signature: String(facts.signature), time }] : [];
}

function voteIn({ kind, sequence, actor, facts }: Entry): readonly RecordedVote[] {
  const by = { sequence, approvalId: String(facts.approval_id), voter: actor };
  if (kind === 'approval.vote') return [{ ...by, choice: facts.approve === true ? 'approve' : 'reject' }];
  return kind === 'approval.vote_withdrawn' ? [{ ...by, choice: 'withdraw' }] : [];
}

function freezingIn({ kind, sequence, actor, facts }: Entry): readonly RecordedFreezing[] {
  switch (kind) {
    case 'freeze.set':
    case 'freeze.lift_voted':
    case 'freeze.lifted':
      return [{ kind, sequence, freezeId: String(facts.freeze_id), by: actor }];
    default:
      return [];
  }
}
