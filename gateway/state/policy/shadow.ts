// Owns where a shadow would have decided otherwise: sums by replica, and the newest samples.
import { DIFFERENCES } from '../../core/decision/difference.ts';
import { GatewayError } from '../../core/errors.ts';
import type { PolicyStore, ShadowSample, ShadowTally } from '../contract/policy-store.ts';
import type { Database, Session, Statement } from '../sql/database.ts';
import { parseVerdictColumn, verdictJson } from '../sql/decision-json.ts';
import { bigint, milliseconds, oneOf, type Row, text } from '../sql/row.ts';

type Run = Parameters<PolicyStore['addShadow']>[0];

const MOST_SAMPLES = 1_000;

const KINDS = ['judged', 'skipped', 'failed', ...DIFFERENCES] as const;

// One replica writes its own rows only; the lock is for a shutdown that meets a tick.
const OWN: Statement = {
  name: 'own_shadow_tally',
  text: `SELECT kind, decisions, exposure FROM shadow_tallies
    WHERE shadow_revision = $1 AND active_revision = $2 AND replica = $3 AND kind = $4 FOR UPDATE`,
};
const WRITE: Statement = {
  name: 'write_shadow_tally',
  text: `INSERT INTO shadow_tallies (shadow_revision, active_revision, replica, kind, decisions, exposure)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (shadow_revision, active_revision, replica, kind)
    DO UPDATE SET decisions = excluded.decisions, exposure = excluded.exposure`,
};
const SAMPLE: Statement = {
  name: 'write_shadow_sample',
  text: `INSERT INTO shadow_samples
      (shadow_revision, request_id, agent_id, wallet_id, difference, active_verdict, shadow_verdict, sampled_at_ms)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
};
const TRIM: Statement = {
  name: 'trim_shadow_samples',
  text: `DELETE FROM shadow_samples WHERE shadow_revision = $1 AND position <= (
      SELECT position FROM shadow_samples WHERE shadow_revision = $1 ORDER BY position DESC OFFSET $2 LIMIT 1)`,
};
const TALLIES: Statement = {
  name: 'shadow_tallies',
  text: `SELECT kind, decisions, exposure FROM shadow_tallies
    WHERE active_revision = $1 AND shadow_revision = $2 ORDER BY kind, replica`,
};
const SAMPLES: Statement = {
  name: 'shadow_samples',
  text: `SELECT request_id, agent_id, wallet_id, difference, active_verdict, shadow_verdict, sampled_at_ms
    FROM shadow_samples WHERE shadow_revision = $1 ORDER BY position DESC LIMIT $2`,
};

export function createShadowRecord(
  database: Database,
): Pick<PolicyStore, 'addShadow' | 'shadowTallies' | 'shadowSamples'> {
  return {
    addShadow: (run, tallies, samples) =>
      database.transaction(async (session) => {
        for (const tally of tallies) await addTally(session, run, tally);
        for (const sample of samples) await session.query(SAMPLE, [run.shadowRevision, ...sampleValues(sample)]);
        if (samples.length > 0) await session.query(TRIM, [run.shadowRevision, MOST_SAMPLES]);
      }),
    async shadowTallies(activeRevision, shadowRevision) {
      const sums = new Map<ShadowTally['kind'], ShadowTally>();
      for (const row of await database.query(TALLIES, [activeRevision, shadowRevision])) {
        const tally = parseTally(row);
        sums.set(tally.kind, sum(tally, sums.get(tally.kind)));
      }
      return [...sums.values()];
    },
    async shadowSamples(shadowRevision, limit) {
      return (await database.query(SAMPLES, [shadowRevision, limit])).map(parseSample);
    },
  };
}

async function addTally(session: Session, run: Run, tally: ShadowTally): Promise<void> {
  const key = [run.shadowRevision, run.activeRevision, run.replica, tally.kind];
  const [known] = await session.query(OWN, key);
  const { decisions, exposure } = sum(tally, known === undefined ? undefined : parseTally(known));
  const amounts = Object.entries(exposure).map(([asset, amount]) => [asset, amount.toString()]);
  await session.query(WRITE, [...key, decisions, JSON.stringify(Object.fromEntries(amounts))]);
}

function sum(one: ShadowTally, other: ShadowTally | undefined): ShadowTally {
  if (other === undefined) return one;
  const exposure: Record<string, bigint> = { ...other.exposure };
  for (const [asset, amount] of Object.entries(one.exposure)) exposure[asset] = (exposure[asset] ?? 0n) + amount;
  return { kind: one.kind, decisions: one.decisions + other.decisions, exposure };
}

function parseTally(row: Row): ShadowTally {
  return {
    kind: oneOf(row, 'kind', KINDS),
    decisions: bigint(row, 'decisions'),
    exposure: parseExposure(row.exposure),
  };
}

function parseExposure(value: unknown): Readonly<Record<string, bigint>> {
  if (typeof value !== 'object' || value === null) throw unreadable();
  return Object.fromEntries(
    Object.entries(value).map(([asset, amount]) => {
      if (typeof amount !== 'string' || !/^\d+$/.test(amount)) throw unreadable();
      return [asset, BigInt(amount)];
    }),
  );
}

function unreadable(): GatewayError {
  return new GatewayError('INTERNAL', 'the database column exposure should hold amounts by asset');
}

function sampleValues(sample: ShadowSample): readonly unknown[] {
  const { requestId, agentId, walletId, difference, active, shadow, time } = sample;
  return [requestId, agentId, walletId, difference, verdictJson(active), verdictJson(shadow), time];
}

function parseSample(row: Row): ShadowSample {
  return {
    requestId: text(row, 'request_id'),
    agentId: text(row, 'agent_id'),
    walletId: text(row, 'wallet_id'),
    difference: oneOf(row, 'difference', DIFFERENCES),
    active: parseVerdictColumn(row.active_verdict, 'active_verdict'),
    shadow: parseVerdictColumn(row.shadow_verdict, 'shadow_verdict'),
    time: milliseconds(row, 'sampled_at_ms'),
  };
}
