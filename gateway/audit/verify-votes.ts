// Owns the offline check of votes: that each signature is of its vote, by a key that was the voter's then, and that what was signed as
// approved had the votes that it names.
import { z } from 'zod';
import { voteMessage } from '../core/approval/vote-message.ts';
import type { AuditRecord } from '../core/audit/audit-record.ts';
import type { PrunedOptions } from './verify.ts';

export type VoteVerdict =
  | { readonly kind: 'intact'; readonly votes: bigint; readonly signed: bigint }
  | { readonly kind: 'broken'; readonly sequence: bigint; readonly reason: string };

export type VerifySignature = (check: {
  /** Base58. */
  readonly address: string;
  readonly messageBytes: Uint8Array;
  readonly signature: Uint8Array;
}) => Promise<boolean>;

const entry = z.object({ kind: z.string(), actor: z.string(), facts: z.record(z.string(), z.unknown()) });

const vote = z.object({
  approval_id: z.string(),
  approve: z.boolean(),
  comment: z.string(),
  intent_sha256: z.string(),
  signature: z.object({ key: z.string(), signature: z.string(), time: z.int() }).optional(),
});
const ofApproval = z.object({ approval_id: z.string() });
const registered = z.object({ principal: z.string(), public_key: z.string() });
const revoked = z.object({ public_key: z.string() });
/** Of an older gateway without `approval_id`. */
const approved = z.object({ approvers: z.array(z.string()).optional(), approval_id: z.string().nullable().optional() });

/** Where records before the first were pruned, what hangs on those is not checked. Says nothing of the hashes: run `verifyChain` as well. Keeps keys, and votes of what is open. */
export async function verifyVotes(
  records: AsyncIterable<AuditRecord>,
  verifySignature: VerifySignature,
  { isPruned = false }: PrunedOptions = {},
): Promise<VoteVerdict> {
  const book: Book = { isPruned, begun: new Set(), keys: new Map(), standing: new Map(), votes: 0n, signed: 0n };
  for await (const { sequence, body } of records) {
    const read = readEntry(body);
    const reason =
      read === null ? 'its body is not that of an audit record' : await whyBroken(book, read, verifySignature);
    if (reason !== null) return { kind: 'broken', sequence, reason };
  }
  return { kind: 'intact', votes: book.votes, signed: book.signed };
}

type Entry = z.output<typeof entry>;

interface Book {
  /** What is not known may stand before the first record. */
  readonly isPruned: boolean;
  /** Approvals all of whose votes must stand here although records before the first were pruned. */
  readonly begun: Set<string>;
  /** Whose key it is; `null`: revoked. */
  readonly keys: Map<string, string | null>;
  /** By approval: who approves it. */
  readonly standing: Map<string, Set<string>>;
  votes: bigint;
  signed: bigint;
}

async function whyBroken(
  book: Book,
  { kind, actor, facts }: Entry,
  verifySignature: VerifySignature,
): Promise<string | null> {
  switch (kind) {
    case 'approver_key.registered':
      return readFacts(registered, facts, ({ principal, public_key: key }) => {
        if (book.keys.has(key)) return `the key ${key} was registered before`;
        book.keys.set(key, principal);
        return null;
      });
    case 'approver_key.revoked':
      return readFacts(revoked, facts, ({ public_key: key }) => {
        book.keys.set(key, null);
        return null;
      });
    case 'approval.vote':
      return readFacts(vote, facts, (cast) => countVote(book, actor, cast, verifySignature));
    case 'request.approval_required':
      return readFacts(approved, facts, ({ approval_id: approvalId }) => {
        if (book.isPruned && typeof approvalId === 'string') book.begun.add(approvalId);
        return null;
      });
    case 'approval.vote_withdrawn':
      return readFacts(ofApproval, facts, ({ approval_id: approvalId }) => {
        book.standing.get(approvalId)?.delete(actor);
        return null;
      });
    case 'request.signing':
      return readFacts(approved, facts, ({ approvers = [], approval_id: approvalId }) =>
        typeof approvalId === 'string' ? whoIsMissing(book, approvalId, approvers) : null,
      );
    default:
      return null;
  }
}

async function countVote(
  book: Book,
  approver: string,
  { approval_id: approvalId, approve, comment, intent_sha256: intentSha256, signature }: z.output<typeof vote>,
  verifySignature: VerifySignature,
): Promise<string | null> {
  book.votes++;
  const approvers = book.standing.get(approvalId) ?? new Set();
  book.standing.set(approvalId, approvers);
  if (approve) approvers.add(approver);
  else approvers.delete(approver);
  if (signature === undefined) return null;
  book.signed++;
  const { key, time } = signature;
  const owner = book.keys.get(key);
  const mayBeBefore = book.isPruned && owner === undefined;
  if (owner !== approver && !mayBeBefore)
    return `the vote of ${approver} is signed by ${key}, which was no key of theirs`;
  const messageBytes = voteMessage({ approvalId, approver, approve, comment, intentSha256, time });
  const check = { address: key, messageBytes, signature: Buffer.from(signature.signature, 'base64') };
  return (await verifySignature(check)) ? null : `the signature of ${approver} by ${key} is not one of this vote`;
}

function whoIsMissing(book: Book, approvalId: string, approvers: readonly string[]): string | null {
  const standing = book.standing.get(approvalId);
  book.standing.delete(approvalId);
  if (book.isPruned && !book.begun.delete(approvalId)) return null;
  const missing = approvers.find((approver) => standing?.has(approver) !== true);
  return missing === undefined ? null : `it was signed as approved by ${missing}, who did not vote for it`;
}

async function readFacts<T>(
  schema: z.ZodType<T>,
  facts: unknown,
  use: (facts: T) => string | null | Promise<string | null>,
): Promise<string | null> {
  const read = schema.safeParse(facts);
  return read.success ? use(read.data) : 'its facts are not those of its kind';
}

function readEntry(body: Uint8Array): Entry | null {
  try {
    return entry.safeParse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))).data ?? null;
  } catch {
    return null;
  }
}
