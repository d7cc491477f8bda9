// Owns how the row of a freeze is read, with the votes to lift it.
import { z } from 'zod';
import { FREEZE_SCOPES, type FreezeRecord, type LiftVote } from '../../core/controls/freeze.ts';
import { GatewayError } from '../../core/errors.ts';
import { milliseconds, oneOf, type Row, text, textOrNull } from './row.ts';

/** The columns that `parseFreeze` reads; the table is named `f`. A vote counts while its operator is enabled, and an admin ever since. */
export const FREEZE_COLUMNS = `f.freeze_id, f.scope, f.target, f.reason, f.frozen_by, f.frozen_at_ms, f.lifted_by, f.lifted_at_ms,
  (SELECT coalesce(json_agg(json_build_object('operatorId', v.operator_id, 'reason', v.reason, 'time', v.time_ms,
      'counts', p.kind = 'operator' AND p.disabled_at_ms IS NULL AND 'admin' = ANY (p.roles)
        AND held_since(p.created_at_ms, p.gained, 'role:admin') <= v.time_ms) ORDER BY v.time_ms, v.operator_id),
      '[]'::json)
     FROM freeze_votes v JOIN principals p ON p.principal_id = v.operator_id WHERE v.freeze_id = f.freeze_id) AS votes`;

const votes = z.array(
  z.strictObject({ operatorId: z.string(), reason: z.string(), time: z.int(), counts: z.boolean() }),
);

export function parseFreeze(row: Row): FreezeRecord {
  const liftedBy = textOrNull(row, 'lifted_by');
  return {
    freezeId: text(row, 'freeze_id'),
    scope: oneOf(row, 'scope', FREEZE_SCOPES),
    target: text(row, 'target'),
    reason: text(row, 'reason'),
    frozenBy: text(row, 'frozen_by'),
    frozenAt: milliseconds(row, 'frozen_at_ms'),
    votes: parseVotes(row.votes),
    lifted: liftedBy === null ? null : { by: liftedBy, at: milliseconds(row, 'lifted_at_ms') },
  };
}

function parseVotes(value: unknown): readonly LiftVote[] {
  const result = votes.safeParse(value);
  if (result.success) return result.data;
  throw new GatewayError('INTERNAL', 'the votes to lift a freeze cannot be read from the database');
}
