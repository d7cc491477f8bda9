// Owns how rows become approvals with their votes.
import { z } from 'zod';
import type { ApprovalRequirement } from '../../core/decision/decision.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ApprovalRecord, ApprovalState, Vote } from '../contract/approval-store.ts';
import type { Statement } from './database.ts';
import { parseExcess, parseReasons, parseRequirement } from './decision-json.ts';
import {
  bytes,
  integer,
  milliseconds,
  millisecondsOrNull,
  oneOf,
  type Row,
  text,
  textList,
  textOrNull,
} from './row.ts';

const STATES: readonly ApprovalState[] = ['PENDING', 'APPROVED', 'REJECTED', 'TIMED_OUT', 'SUPERSEDED'];

/** The columns that `parseApproval` reads; the table is named `a`. A vote counts by the role and the groups that its approver has had ever since. */
export const APPROVAL_COLUMNS = `a.approval_id, a.request_id, a.agent_id, a.wallet_id, a.state, a.quorum, a.groups,
  a.timeout_seconds, a.requirement, a.excess, a.reasons, a.intent_digest, a.created_at_ms, a.expires_at_ms, a.escalated_at_ms,
  clock_ms() AS read_at_ms,
  (SELECT n.approval_id FROM approvals n WHERE a.state = 'SUPERSEDED' AND n.request_id = a.request_id AND n.position > a.position
     ORDER BY n.position LIMIT 1) AS superseded_by,
  (SELECT coalesce(json_agg(json_build_object('approverId', v.approver_id, 'approve', v.approve, 'comment', v.comment,
      'time', v.time_ms, 'groups',
      ARRAY(SELECT g FROM unnest(p.groups) g WHERE held_since(p.created_at_ms, p.gained, 'group:' || g) <= v.time_ms),
      'counts', p.kind = 'operator' AND p.disabled_at_ms IS NULL AND 'approver' = ANY (p.roles)
        AND held_since(p.created_at_ms, p.gained, 'role:approver') <= v.time_ms
        AND (v.signing_key IS NULL OR (k.operator_id = v.approver_id AND k.revoked_at_ms IS NULL)),
      'key', v.signing_key, 'signature', encode(v.signature, 'hex'), 'signedAt', v.signed_at_ms)
      ORDER BY v.time_ms, v.approver_id), '[]'::json)
     FROM votes v JOIN principals p ON p.principal_id = v.approver_id
       LEFT JOIN approver_keys k ON k.public_key = v.signing_key
     WHERE v.approval_id = a.approval_id) AS votes`;

export const FIND_APPROVAL: Statement = {
  name: 'find_approval',
  text: `SELECT ${APPROVAL_COLUMNS} FROM approvals a WHERE a.approval_id = $1`,
};

const votes = z.array(
  z
    .strictObject({
      approverId: z.string(),
      approve: z.boolean(),
      comment: z.string(),
      time: z.int(),
      groups: z.array(z.string()),
      counts: z.boolean(),
      key: z.string().nullable(),
      signature: z
        .string()
        .regex(/^[0-9a-f]{128}$/)
        .nullable(),
      signedAt: z.int().nullable(),
    })
    .transform(({ key, signature, signedAt, ...vote }): Vote => {
      if (key === null || signature === null || signedAt === null) return vote;
      return { ...vote, signature: { key, signature: new Uint8Array(Buffer.from(signature, 'hex')), time: signedAt } };
    }),
);

export function parseApproval(row: Row): ApprovalRecord {
  return {
    approvalId: text(row, 'approval_id'),
    requestId: text(row, 'request_id'),
    agentId: text(row, 'agent_id'),
    walletId: text(row, 'wallet_id'),
    state: oneOf(row, 'state', STATES),
    requirement: requirementOf(row),
    reasons: parseReasons(row.reasons),
    excess: parseExcess(row.excess),
    intentDigest: bytes(row, 'intent_digest'),
    votes: parseVotes(row.votes),
    createdAt: milliseconds(row, 'created_at_ms'),
    expiresAt: milliseconds(row, 'expires_at_ms'),
    escalatedAt: millisecondsOrNull(row, 'escalated_at_ms'),
    readAt: milliseconds(row, 'read_at_ms'),
    supersededBy: textOrNull(row, 'superseded_by'),
  };
}

/** A row of an older gateway has no more than these columns. */
function requirementOf(row: Row): ApprovalRequirement {
  if (row.requirement !== null) return parseRequirement(row.requirement);
  return {
    quorum: integer(row, 'quorum'),
    groups: textList(row, 'groups'),
    timeoutSeconds: integer(row, 'timeout_seconds'),
  };
}

function parseVotes(value: unknown): readonly Vote[] {
  const result = votes.safeParse(value);
  if (result.success) return result.data;
  throw new GatewayError('INTERNAL', 'the votes of an approval cannot be read from the database');
}
