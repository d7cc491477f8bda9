// Owns the reading of budgets: where limits stand. What changes them is a commit of requests (commit/).

import type { StandingOf } from '../../core/budget/standing.ts';
import type { Limit } from '../../core/decision/decision.ts';
import { GatewayError } from '../../core/errors.ts';
import type { BudgetStore } from '../contract/budget-store.ts';
import type { Database, Statement } from '../sql/database.ts';
import { parseLimitColumn } from '../sql/decision-json.ts';
import { bigint, bigintOrNull, boolean, milliseconds, millisecondsOrNull, type Row, text } from '../sql/row.ts';

const STANDING: Statement = {
  name: 'budget_standing',
  text: 'SELECT used, reserved, frees_at_ms, room_at_ms FROM budget_standing($1, $2, $3, $4, $5, $6)',
};

// A budget's name begins with whose it is (core/budget/charge.ts).
const LIST: Statement = {
  name: 'list_budgets',
  isListing: true,
  text: `SELECT l.name, l.definition, l.bundle_revision, l.seen_at_ms, s.used, s.reserved, s.frees_at_ms, s.room_at_ms,
      NOT is_stated AS is_earlier
    FROM (
      SELECT b.name, l.*, w.whose, l.definition->'window' AS in_window,
          -- A limit of a session key is stated by the key, whatever the policy is.
          CASE WHEN w.whose[1] = 'session'
            THEN EXISTS (SELECT FROM session_keys k WHERE k.key_id = w.whose[2] AND k.expires_at_ms > clock_ms())
            ELSE l.bundle_revision = $5 END AS is_stated
        FROM limits l JOIN budgets b USING (budget_id), LATERAL (SELECT string_to_array(split_part(b.name, '|', 1), ':') AS whose) w
    ) l, LATERAL budget_standing(l.name, (in_window->>'seconds')::bigint, in_window->>'unit', in_window->>'timeZone',
                                 (l.definition->>'max')::numeric, 0) s
    WHERE ($1::text IS NULL OR whose[1] NOT IN ('agent', 'agent_wallet') OR whose[2] = $1)
      AND ($2::text[] IS NULL OR whose[1] <> 'wallet' OR whose[2] = ANY ($2))
      AND ($2::text[] IS NULL OR whose[1] <> 'agent_wallet' OR whose[3] = ANY ($2))
      AND ($2::text[] IS NOT NULL OR $1::text IS NULL OR whose[1] <> 'wallet'
        OR EXISTS (SELECT FROM wallet_bindings w WHERE w.agent_id = $1 AND w.wallet_id = whose[2]))
      AND ($3 OR whose[1] NOT IN ('agent_group', 'session'))
      AND ($6::text[] IS NULL OR whose[1] <> 'agent_group' OR whose[2] = ANY ($6))
      AND (whose[1] <> 'session' OR ($1::text IS NULL AND $2::text[] IS NULL)
        OR EXISTS (SELECT FROM session_keys k WHERE k.key_id = whose[2] AND ($1::text IS NULL OR k.agent_id = $1)
                                                AND ($2::text[] IS NULL OR k.wallets && $2)))
      AND (is_stated OR s.reserved::numeric > 0 OR (s.used::numeric > 0 AND whose[1] <> 'session'))
    ORDER BY l.name, l.limit_id LIMIT $4`,
};

// Longer than the longest window (core/decision/parse-limit.ts), by a day for clocks that are set back.
const KEPT_MS = 367 * 86_400_000;
const PRUNE: Statement = {
  name: 'prune_settlements',
  text: 'SELECT prune_settlements(clock_ms() - $1, $2, $3) AS last',
};

const CHECK_TIME_ZONE: Statement = { name: 'check_time_zone', text: 'SELECT now() AT TIME ZONE $1' };
const NO_SUCH_ZONE = '22023';

export function createBudgetStore(database: Database): BudgetStore {
  // Policies name a few; those that are unknown are asked for again, because a database can be given newer zones.
  const timeZones = new Set<string>();
  async function standingOf(limit: Limit, budget: string, amount: bigint): Promise<StandingOf> {
    const { window, max } = limit;
    const [row] = await database.query(STANDING, [
      budget,
      window.kind === 'rolling' ? window.seconds : null,
      window.kind === 'calendar' ? window.unit : null,
      window.kind === 'calendar' ? window.timeZone : null,
      max.toString(),
      amount.toString(),
    ]);
    if (row === undefined) throw new Error('a function of the database gave no row');
    return { limit, budget, amount, ...parseStanding(row) };
  }
  return {
    standings: (charges) => Promise.all(charges.map(({ limit, budget, amount }) => standingOf(limit, budget, amount))),
    list: async ({ agentId, walletIds, withOthers, groups, activeRevision }, limit) => {
      const rows = await database.query(LIST, [agentId, walletIds, withOthers, limit, activeRevision, groups]);
      return rows.map((row) => ({
        limit: parseLimitColumn(row.definition),
        budget: text(row, 'name'),
        amount: 0n,
        ...parseStanding(row),
        bundleRevision: text(row, 'bundle_revision'),
        seenAt: milliseconds(row, 'seen_at_ms'),
        isEarlier: boolean(row, 'is_earlier'),
      }));
    },
    async prune(after, mostBudgets) {
      const [row] = await database.query(PRUNE, [KEPT_MS, after.toString(), mostBudgets]);
      return row === undefined ? null : bigintOrNull(row, 'last');
    },
    async knowsTimeZone(name) {
      if (timeZones.has(name)) return true;
      try {
        await database.query(CHECK_TIME_ZONE, [name]);
      } catch (error) {
        if (error instanceof GatewayError && error.metadata.sqlstate === NO_SUCH_ZONE) return false;
        throw error;
      }
      timeZones.add(name);
      return true;
    },
  };
}

function parseStanding(row: Row): Pick<StandingOf, 'used' | 'reserved' | 'freesAt' | 'fitsAt'> {
  return {
    used: bigint(row, 'used'),
    reserved: bigint(row, 'reserved'),
    freesAt: millisecondsOrNull(row, 'frees_at_ms'),
    fitsAt: millisecondsOrNull(row, 'room_at_ms'),
  };
}
