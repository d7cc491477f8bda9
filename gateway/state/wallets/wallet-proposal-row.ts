// Owns how rows become proposals of what to do with a managed wallet, with their votes.
import * as z from 'zod';
import { parseAddress } from '../../core/base58.ts';
import { GatewayError } from '../../core/errors.ts';
import type { WalletActionTerms, WalletProposal } from '../../core/wallet/managed-wallet.ts';
import { milliseconds, millisecondsOrNull, type Row, text } from '../sql/row.ts';

/** The columns that `parseProposal` reads; the table is named `p`. A vote counts while its operator is enabled, and an admin ever since. */
export const PROPOSAL_COLUMNS = `p.proposal_id, p.wallet_id, p.terms, p.reason, p.proposed_by, p.proposed_at_ms, p.expires_at_ms,
  p.carried_out_at_ms,
  (SELECT coalesce(json_agg(json_build_object('operatorId', v.operator_id, 'reason', v.reason, 'at', v.time_ms,
      'counts', o.kind = 'operator' AND o.disabled_at_ms IS NULL AND 'admin' = ANY (o.roles)
        AND held_since(o.created_at_ms, o.gained, 'role:admin') <= v.time_ms)
      ORDER BY v.operator_id <> p.proposed_by, v.time_ms, v.operator_id), '[]'::json)
     FROM wallet_proposal_votes v JOIN principals o ON o.principal_id = v.operator_id WHERE v.proposal_id = p.proposal_id) AS votes`;

const votes = z.array(z.strictObject({ operatorId: z.string(), reason: z.string(), at: z.int(), counts: z.boolean() }));

const address = z.string().transform((value, context) => {
  const parsed = parseAddress(value);
  if (parsed !== null) return parsed;
  context.addIssue('a base58 address');
  return z.NEVER;
});

const terms = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('destroy') }),
  z.strictObject({ action: z.literal('export'), recipient: z.string() }),
  z.strictObject({ action: z.literal('import'), template: z.string(), address }),
]);

export function parseProposal(row: Row): WalletProposal {
  return {
    proposalId: text(row, 'proposal_id'),
    walletId: text(row, 'wallet_id'),
    terms: parsed<WalletActionTerms>(terms, row.terms),
    reason: text(row, 'reason'),
    proposedBy: text(row, 'proposed_by'),
    proposedAt: milliseconds(row, 'proposed_at_ms'),
    expiresAt: milliseconds(row, 'expires_at_ms'),
    votes: parsed(votes, row.votes),
    carriedOutAt: millisecondsOrNull(row, 'carried_out_at_ms'),
  };
}

function parsed<T>(shape: z.ZodType<T>, value: unknown): T {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  throw new GatewayError('INTERNAL', 'a proposal of what to do with a wallet cannot be read from the database');
}
