-- Budgets: what agents and wallets use over time of what policies limit. Reserved with the intent, final or given back with the
-- request's state, in the same transactions.

-- One row for all limits that count the same thing of the same spenders, whatever their windows: its lock makes them take turns.
CREATE TABLE budgets (
  budget_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name          text COLLATE "C" NOT NULL,
  -- Sum of the open reservations. They count in every window, because they may land at any moment.
  reserved      numeric NOT NULL DEFAULT 0 CHECK (reserved >= 0),
  -- All that was ever used for good.
  settled       numeric NOT NULL DEFAULT 0 CHECK (settled >= 0),
  -- When that grew last. Never goes back, even where the clock does.
  settled_at_ms bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
CREATE UNIQUE INDEX budgets_name ON budgets (name);

-- What was settled up to a time: the use within a window is the difference of two rows, however many requests there were.
CREATE TABLE settlements (
  budget_id bigint NOT NULL,
  time_ms   bigint NOT NULL,
  settled   numeric NOT NULL,
  PRIMARY KEY (budget_id, time_ms, settled)
);
CREATE INDEX settlements_settled ON settlements (budget_id, settled);

-- Open reservations only: a row goes when its request decides it. `settlement`: what makes the use final (core/budget/charge.ts).
CREATE TABLE reservations (
  request_id text COLLATE "C" NOT NULL,
  budget_id  bigint NOT NULL,
  amount     numeric NOT NULL CHECK (amount > 0),
  settlement text NOT NULL CHECK (settlement IN ('signature', 'landing', 'fee')),
  PRIMARY KEY (request_id, budget_id)
);

-- The limits as the policy stated them last, for people who ask what is left.
CREATE TABLE limits (
  budget_id       bigint NOT NULL REFERENCES budgets,
  limit_id        text COLLATE "C" NOT NULL,
  definition      json NOT NULL,
  bundle_revision text NOT NULL,
  seen_at_ms      bigint NOT NULL,
  PRIMARY KEY (budget_id, limit_id)
);

-- One row: grows with every change of what operators have frozen. Nothing is signed under an older version.
CREATE TABLE controls (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  version  bigint NOT NULL
) WITH (fillfactor = 10);
INSERT INTO controls (version) VALUES (1);

-- Whoever records an intent or a signature holds the controls as they are until its commit, beside all others who do. Whoever changes
-- them takes the table in EXCLUSIVE MODE first: that waits for those, and those who come later read the new version. So nothing is
-- recorded under the old one once a freeze is committed. The first lock of a transaction. Readers and backups do not wait for either.
CREATE FUNCTION hold_controls() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  held bigint;
BEGIN
  LOCK TABLE controls IN ROW SHARE MODE;
  SELECT c.version INTO STRICT held FROM controls c;
  RETURN held;
END $$;

-- The whole requirement, of which quorum, groups and timeout_seconds are a part; null: an older gateway wrote the row, and they are all.
-- `excess`: ids of the limits that the approvers let it exceed.
ALTER TABLE approvals ADD requirement json, ADD excess json NOT NULL DEFAULT '[]';

-- The first instant at which the clocks of the zone show this time or, where they are put forward over it, later: clocks that are put
-- back to midnight show it twice.
CREATE FUNCTION first_instant(local timestamp, zone text) RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN e.earlier < f.found AND e.earlier AT TIME ZONE zone = local THEN e.earlier ELSE f.found END
    FROM (SELECT local AT TIME ZONE zone AS found) f,
      LATERAL (SELECT f.found - interval '24 hours' AS before) b,
      LATERAL (SELECT (local - (b.before AT TIME ZONE zone - b.before AT TIME ZONE 'UTC')) AT TIME ZONE 'UTC' AS earlier) e
$$;

-- When the day, week or month began that it is at a time, or the one so many after it.
CREATE FUNCTION period_start_ms(at_ms bigint, unit text, zone text, later integer) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT floor(extract(epoch FROM first_instant(
    date_trunc(unit, to_timestamp(at_ms / 1000.0) AT TIME ZONE zone) + later * ('1 ' || unit)::interval, zone)) * 1000)::bigint
$$;

-- What was settled at that time or before is out of the window; null: nothing ever is.
CREATE FUNCTION window_cutoff(now_ms bigint, seconds bigint, unit text, zone text) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN seconds IS NOT NULL THEN now_ms - seconds * 1000
    WHEN unit IS NOT NULL THEN period_start_ms(now_ms, unit, zone, 0) - 1
  END
$$;

-- What was settled within a window; the caller holds the lock on the budget, or wants an impression only.
CREATE FUNCTION settled_within(budget bigint, settled numeric, cutoff bigint) RETURNS numeric LANGUAGE sql STABLE AS $$
  SELECT settled - coalesce((SELECT s.settled FROM settlements s WHERE s.budget_id = budget AND s.time_ms <= cutoff
                             ORDER BY s.time_ms DESC, s.settled DESC LIMIT 1), 0)
$$;

-- When what was settled above a total (or up to it) leaves the window; null: never, or there is none.
CREATE FUNCTION leaves_window(
  budget bigint, total numeric, now_ms bigint, seconds bigint, unit text, zone text, whole boolean DEFAULT false
) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN seconds IS NOT NULL THEN s.time_ms + seconds * 1000
    WHEN unit IS NOT NULL THEN period_start_ms(now_ms, unit, zone, 1)
  END
  FROM settlements s
    WHERE s.budget_id = budget AND (s.settled > total OR (whole AND s.settled = total))
    ORDER BY s.settled LIMIT 1
$$;

-- What is used and reserved of a budget within a window now, when the next part of the use leaves it, and when this amount would have
-- room by time alone; null: not by time alone. Takes no lock: an impression, which the next reservation may change.
CREATE FUNCTION budget_standing(
  budget_name text, seconds bigint, unit text, zone text, max numeric, amount numeric,
  OUT used text, OUT reserved text, OUT frees_at_ms bigint, OUT room_at_ms bigint
) LANGUAGE plpgsql STABLE AS $$
DECLARE
  b budgets%ROWTYPE;
  now_ms bigint;
  within numeric;
  lacking numeric;
BEGIN
  SELECT * INTO b FROM budgets WHERE name = budget_name;
  now_ms := greatest(clock_ms(), coalesce(b.settled_at_ms, 0));
  within := coalesce(settled_within(b.budget_id, b.settled, window_cutoff(now_ms, seconds, unit, zone)), 0);
  used := within;
  reserved := coalesce(b.reserved, 0);
  frees_at_ms := leaves_window(b.budget_id, b.settled - within, now_ms, seconds, unit, zone);
  lacking := within + coalesce(b.reserved, 0) + amount - max;
  IF lacking <= 0 THEN
    room_at_ms := now_ms;
  ELSIF lacking <= within THEN
    room_at_ms := leaves_window(b.budget_id, b.settled - within + lacking, now_ms, seconds, unit, zone, true);
  END IF;
END $$;

-- Whether a request in this state has decided what becomes of such a reservation.
CREATE FUNCTION is_decided(state text, settlement text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT state IN ('FINALIZED', 'FAILED', 'EXPIRED', 'SIGNING_FAILED') OR (state = 'SIGNED' AND settlement = 'signature')
$$;

-- Creates the budgets that are named, and locks them and those whose reservations requests in these states decide, in the order of their
-- ids. Whoever holds the lock sees all that others settled before.
CREATE FUNCTION lock_budgets(names text[], request_ids text[], states text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF cardinality(names) > 0 THEN
    INSERT INTO budgets (name)
      SELECT n.name FROM unnest(names) AS n(name)
        WHERE NOT EXISTS (SELECT FROM budgets b WHERE b.name = n.name) ORDER BY n.name
      ON CONFLICT DO NOTHING;
  END IF;
  PERFORM FROM budgets b
    WHERE b.budget_id = ANY (ARRAY(
      SELECT n.budget_id FROM budgets n WHERE n.name = ANY (names)
      UNION
      SELECT r.budget_id FROM unnest(request_ids, states) AS q(request_id, state) JOIN reservations r ON r.request_id = q.request_id
        WHERE is_decided(q.state, r.settlement)))
    ORDER BY b.budget_id FOR UPDATE;
END $$;

-- Reserves for every request all that it charges, or nothing. The caller holds the locks. Requests are taken in the order in which they
-- charge first. Returns whom which window had no room for.
CREATE FUNCTION reserve(
  now_ms bigint,
  b_name text[],
  -- windows: of which budget (from 1), and the most that may be used within
  w_budget integer[], w_seconds bigint[], w_unit text[], w_zone text[], w_max text[],
  -- one a request and window: what must have room there
  k_request_id text[], k_window integer[], k_amount text[],
  -- one a request and budget: what is counted
  h_request_id text[], h_budget integer[], h_amount text[], h_settlement text[],
  -- requests that are as good as not named here
  left_out text[],
  OUT exceeded_request text[], OUT exceeded_window integer[]
) LANGUAGE plpgsql AS $$
DECLARE
  ids bigint[];
  room numeric[];
  fits boolean;
  asking record;
BEGIN
  exceeded_request := '{}';
  exceeded_window := '{}';
  SELECT array_agg(b.budget_id ORDER BY n.n) INTO ids
    FROM unnest(b_name) WITH ORDINALITY AS n(name, n) JOIN budgets b ON b.name = n.name;
  -- What is left in each window, with all that is reserved counted; settled_within() as a part of the statement.
  SELECT array_agg(w.max::numeric - b.reserved - b.settled + coalesce(gone.settled, 0) ORDER BY w.n) INTO room
    FROM unnest(w_budget, w_seconds, w_unit, w_zone, w_max) WITH ORDINALITY AS w(budget, seconds, unit, zone, max, n)
      JOIN budgets b ON b.budget_id = ids[w.budget]
      LEFT JOIN LATERAL (
        SELECT s.settled FROM settlements s
          WHERE s.budget_id = b.budget_id
            AND s.time_ms <= window_cutoff(greatest(now_ms, b.settled_at_ms), w.seconds, w.unit, w.zone)
          ORDER BY s.time_ms DESC, s.settled DESC LIMIT 1) gone ON true;
  -- Most often there is room for all of them together.
  SELECT coalesce(bool_and(room[t.in_window] >= t.amount), true) INTO fits
    FROM (SELECT k.in_window, sum(k.amount::numeric) AS amount
            FROM unnest(k_request_id, k_window, k_amount) AS k(request_id, in_window, amount)
            WHERE k.request_id <> ALL (left_out) GROUP BY k.in_window) t;
  IF NOT fits THEN
    FOR asking IN
      SELECT k.request_id, array_agg(k.in_window) AS windows, array_agg(k.amount::numeric) AS amounts
        FROM unnest(k_request_id, k_window, k_amount) WITH ORDINALITY AS k(request_id, in_window, amount, n)
        WHERE k.request_id <> ALL (left_out)
        GROUP BY k.request_id ORDER BY min(k.n)
    LOOP
      fits := true;
      FOR i IN 1 .. cardinality(asking.windows) LOOP
        IF room[asking.windows[i]] < asking.amounts[i] THEN
          fits := false;
          exceeded_request := exceeded_request || asking.request_id;
          exceeded_window := exceeded_window || asking.windows[i];
        END IF;
      END LOOP;
      IF fits THEN
        FOR i IN 1 .. cardinality(asking.windows) LOOP
          room[asking.windows[i]] := room[asking.windows[i]] - asking.amounts[i];
        END LOOP;
      END IF;
    END LOOP;
  END IF;
  WITH held AS (
    INSERT INTO reservations (request_id, budget_id, amount, settlement)
      SELECT h.request_id, ids[h.budget], h.amount::numeric, h.settlement
        FROM unnest(h_request_id, h_budget, h_amount, h_settlement) AS h(request_id, budget, amount, settlement)
        WHERE h.request_id <> ALL (left_out) AND h.request_id <> ALL (exceeded_request)
      RETURNING budget_id, amount
  )
  UPDATE budgets b SET reserved = b.reserved + t.amount
    FROM (SELECT budget_id, sum(amount) AS amount FROM held GROUP BY budget_id) t
    WHERE b.budget_id = t.budget_id;
END $$;

-- Of the reservations of requests which came into these states: those that are used for good by it, and those that are
-- given back. The caller holds the locks. A transaction that failed gives its amounts back, but not its fee; one that can never land
-- gives both back.
CREATE FUNCTION settle(now_ms bigint, request_ids text[], states text[]) RETURNS void LANGUAGE sql VOLATILE
AS $$
  WITH decided AS (
    DELETE FROM reservations r USING unnest(request_ids, states) AS q(request_id, state)
      WHERE r.request_id = q.request_id AND is_decided(q.state, r.settlement)
      RETURNING r.budget_id, r.amount,
        CASE q.state
          WHEN 'SIGNED' THEN true
          WHEN 'FINALIZED' THEN true
          WHEN 'FAILED' THEN r.settlement IN ('signature', 'fee')
          WHEN 'EXPIRED' THEN r.settlement = 'signature'
          ELSE false
        END AS is_used
  ), total AS (
    SELECT budget_id, sum(amount) AS amount, coalesce(sum(amount) FILTER (WHERE is_used), 0) AS used
      FROM decided GROUP BY budget_id
  ), changed AS (
    UPDATE budgets b SET
        reserved = b.reserved - t.amount,
        settled = b.settled + t.used,
        settled_at_ms = CASE WHEN t.used > 0 THEN greatest(now_ms, b.settled_at_ms) ELSE b.settled_at_ms END
      FROM total t WHERE b.budget_id = t.budget_id
      RETURNING b.budget_id, b.settled_at_ms, b.settled, t.used
  )
  INSERT INTO settlements (budget_id, time_ms, settled) SELECT budget_id, settled_at_ms, settled FROM changed WHERE used > 0
$$;

-- Moves the chosen of these requests (null: all), each from its state; returns which were moved.
CREATE FUNCTION advance_requests(
  batch uuid, now_ms bigint, chosen text[],
  c_request_id text[], c_from text[], c_to text[], c_due_at_ms bigint[], c_slot_given boolean[], c_slot text[], c_approval_id text[],
  c_wallet_signature text[], c_transaction_signature text[], c_error_given boolean[], c_error text[],
  c_signed_transaction bytea[], c_judged boolean[], c_last_valid_block_height text[], c_message_digest bytea[],
  c_intent_digest bytea[], c_decision text[], c_transaction bytea[], c_policy_input bytea[]
) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  advanced text[];
BEGIN
  WITH updated AS (
    UPDATE requests q SET
        state = c.to_state,
        batch_id = batch,
        due_at_ms = c.due_at_ms,
        updated_at_ms = now_ms,
        revision = q.revision + 1,
        slot = CASE WHEN c.slot_given THEN c.slot::numeric ELSE q.slot END,
        approval_id = coalesce(c.approval_id, q.approval_id),
        wallet_signature = coalesce(c.wallet_signature, q.wallet_signature),
        transaction_signature = coalesce(c.transaction_signature, q.transaction_signature),
        error = CASE WHEN c.error_given THEN c.error ELSE q.error END,
        signed_transaction = coalesce(c.signed_transaction, q.signed_transaction),
        last_valid_block_height =
          CASE WHEN c.judged THEN c.last_valid_block_height::numeric ELSE q.last_valid_block_height END,
        message_digest = coalesce(c.message_digest, q.message_digest),
        intent_digest = coalesce(c.intent_digest, q.intent_digest),
        decision = coalesce(c.decision::json, q.decision),
        transaction = coalesce(c.transaction, q.transaction),
        policy_input = coalesce(c.policy_input, q.policy_input)
      FROM unnest(c_request_id, c_from, c_to, c_due_at_ms, c_slot_given, c_slot, c_approval_id, c_wallet_signature,
          c_transaction_signature, c_error_given, c_error, c_signed_transaction, c_judged, c_last_valid_block_height, c_message_digest,
          c_intent_digest, c_decision, c_transaction, c_policy_input)
        AS c(request_id, from_state, to_state, due_at_ms, slot_given, slot, approval_id, wallet_signature,
          transaction_signature, error_given, error, signed_transaction, judged, last_valid_block_height, message_digest,
          intent_digest, decision, transaction, policy_input)
      WHERE q.request_id = c.request_id AND q.state = c.from_state AND (chosen IS NULL OR c.request_id = ANY (chosen))
      RETURNING q.request_id
  )
  SELECT coalesce(array_agg(request_id), '{}') INTO advanced FROM updated;
  RETURN advanced;
END $$;

-- Takes the place of commit_batch. Plans of what it calls are made under its settings.
--
-- Locks are taken in one order, so that no two batches wait for each other: messages by their digests, requests as the arrays name them
-- (sorted by the caller), then budgets by their ids, then approvals, then the head of the audit chain, which is held until the commit.
-- A batch names each request at most once. What is left as it was leaves no audit record: an open whose id or idempotency key exists, an
-- advance whose request was not in `from`, what was judged under older controls, and what a window had no room for. Audit records
-- without a request are always written.
CREATE FUNCTION commit_operations(
  batch uuid,
  -- open; controls: the version that must still be in force, null: none
  o_request_id text[], o_agent_id text[], o_idempotency_key text[], o_wallet_id text[], o_method text[], o_state text[],
  o_due_at_ms bigint[], o_set_fresh_blockhash boolean[], o_last_valid_block_height text[], o_approval_id text[], o_ask_digest bytea[],
  o_message_digest bytea[], o_intent_digest bytea[], o_context text[], o_decision text[], o_received bytea[], o_transaction bytea[],
  o_policy_input bytea[], o_controls bigint[],
  -- advance; null: stays as it is, except for due_at_ms and where a flag says that null is meant
  c_request_id text[], c_from text[], c_to text[], c_due_at_ms bigint[], c_slot_given boolean[], c_slot text[], c_approval_id text[],
  c_wallet_signature text[], c_transaction_signature text[], c_error_given boolean[], c_error text[],
  c_signed_transaction bytea[], c_judged boolean[], c_last_valid_block_height text[], c_message_digest bytea[],
  c_intent_digest bytea[], c_decision text[], c_transaction bytea[], c_policy_input bytea[], c_controls bigint[],
  -- requests that leave AWAITING_APPROVAL
  l_request_id text[],
  -- new approvals, of either
  a_request_id text[], a_approval_id text[], a_requirement text[], a_excess text[], a_reasons text[], a_expires_at_ms bigint[],
  -- audit records
  r_request_id text[], r_body bytea[],
  -- what requests of either kind charge, as reserve() takes it
  b_name text[], w_budget integer[], w_seconds bigint[], w_unit text[], w_zone text[], w_max text[],
  k_request_id text[], k_window integer[], k_amount text[],
  h_request_id text[], h_budget integer[], h_amount text[], h_settlement text[],
  -- limits that are new to this gateway
  d_budget integer[], d_limit_id text[], d_definition text[], d_bundle_revision text[],
  OUT skipped text[], OUT exceeded_request text[], OUT exceeded_window integer[], OUT current_controls bigint
) LANGUAGE plpgsql
-- Plans are cached: they must not depend on how small the tables were when they were made.
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  now_ms bigint := floor(extract(epoch FROM clock_timestamp()) * 1000);
  opened text[] := '{}';
  advanced text[] := '{}';
  -- advances that charge
  charged text[] := '{}';
  -- advances that do not; null: all of them
  plain text[];
  -- of the requests that these charge, those that are not moved
  left_out text[] := '{}';
  -- advances that took place, and where to
  moved_ids text[] := '{}';
  moved_to text[] := '{}';
  done text[];
  bodies bytea[] := r_body;
BEGIN
  skipped := '{}';
  exceeded_request := '{}';
  exceeded_window := '{}';
  current_controls := hold_controls();

  -- Rows come in the order of their keys: those that also share a message with a row of another batch wait for that here.
  IF true = ANY (o_set_fresh_blockhash) OR 'SIGNING' = ANY (c_to) THEN
    PERFORM pg_advisory_xact_lock(m.lock)
      FROM (SELECT DISTINCT ('x' || encode(substr(d.digest, 1, 8), 'hex'))::bit(64)::bigint AS lock
              FROM (SELECT o.digest FROM unnest(o_message_digest, o_set_fresh_blockhash) AS o(digest, is_fresh) WHERE o.is_fresh
                    UNION ALL
                    SELECT c.digest FROM unnest(c_message_digest, c_to) AS c(digest, to_state) WHERE c.to_state = 'SIGNING') d
              WHERE d.digest IS NOT NULL
              ORDER BY lock) m;
  END IF;

  IF cardinality(o_request_id) > 0 THEN
    WITH inserted AS (
      INSERT INTO requests (request_id, agent_id, idempotency_key, wallet_id, method, state, batch_id, due_at_ms, created_at_ms,
          updated_at_ms, set_fresh_blockhash, last_valid_block_height, approval_id, ask_digest, message_digest, intent_digest, context, decision,
          received, transaction, policy_input)
        SELECT o.request_id, o.agent_id, o.idempotency_key, o.wallet_id, o.method, o.state, batch, o.due_at_ms, now_ms, now_ms,
            o.set_fresh_blockhash, o.last_valid_block_height::numeric, o.approval_id, o.ask_digest, o.message_digest, o.intent_digest,
            o.context::json, o.decision::json, o.received, o.transaction, o.policy_input
          FROM unnest(o_controls, o_request_id, o_agent_id, o_idempotency_key, o_wallet_id, o_method, o_state, o_due_at_ms,
              o_set_fresh_blockhash, o_last_valid_block_height, o_approval_id, o_ask_digest, o_message_digest, o_intent_digest,
              o_context, o_decision, o_received, o_transaction, o_policy_input)
            AS o(controls, request_id, agent_id, idempotency_key, wallet_id, method, state, due_at_ms, set_fresh_blockhash,
              last_valid_block_height, approval_id, ask_digest, message_digest, intent_digest, context, decision,
              received, transaction, policy_input)
          WHERE o.controls IS NULL OR o.controls = current_controls
        ON CONFLICT DO NOTHING
        RETURNING request_id
    )
    SELECT coalesce(array_agg(request_id), '{}') INTO opened FROM inserted;
  END IF;

  IF cardinality(c_request_id) > 0 THEN
    IF EXISTS (SELECT FROM unnest(c_controls) AS c(controls) WHERE c.controls <> current_controls) THEN
      plain := ARRAY(SELECT c.id FROM unnest(c_request_id, c_controls) AS c(id, controls)
                       WHERE c.controls IS NULL OR c.controls = current_controls);
    END IF;
    IF 'SIGNING' = ANY (c_to) THEN
      plain := coalesce(plain, c_request_id);
      charged := ARRAY(SELECT c.id FROM unnest(c_request_id, c_to) AS c(id, to_state)
                         WHERE c.to_state = 'SIGNING' AND c.id = ANY (plain) AND c.id = ANY (h_request_id));
      IF cardinality(charged) > 0 THEN
        PERFORM FROM requests q WHERE q.request_id = ANY (plain) ORDER BY q.request_id FOR UPDATE;
        plain := ARRAY(SELECT id FROM unnest(plain) AS id WHERE id <> ALL (charged));
        charged := ARRAY(SELECT q.request_id FROM unnest(c_request_id, c_from) AS c(id, from_state)
                           JOIN requests q ON q.request_id = c.id AND q.state = c.from_state WHERE c.id = ANY (charged));
      END IF;
    END IF;
    advanced := advance_requests(batch, now_ms, plain, c_request_id, c_from, c_to, c_due_at_ms, c_slot_given, c_slot,
        c_approval_id, c_wallet_signature, c_transaction_signature, c_error_given, c_error, c_signed_transaction, c_judged,
        c_last_valid_block_height, c_message_digest, c_intent_digest, c_decision, c_transaction, c_policy_input);
  END IF;

  IF cardinality(b_name) > 0 OR cardinality(advanced) > 0 THEN
    IF cardinality(advanced) = cardinality(c_request_id) THEN
      moved_ids := c_request_id;
      moved_to := c_to;
    ELSIF cardinality(advanced) > 0 THEN
      SELECT array_agg(c.id), array_agg(c.to_state) INTO moved_ids, moved_to
        FROM unnest(c_request_id, c_to) AS c(id, to_state) WHERE c.id = ANY (advanced);
    END IF;
    PERFORM lock_budgets(b_name, moved_ids, moved_to);
    PERFORM settle(now_ms, moved_ids, moved_to);
  END IF;
  IF cardinality(b_name) > 0 THEN
    IF cardinality(opened) < cardinality(o_request_id) OR cardinality(c_request_id) > 0 THEN
      done := opened || charged;
      left_out := ARRAY(SELECT DISTINCT id FROM unnest(h_request_id) AS id WHERE id <> ALL (done));
    END IF;
    SELECT r.exceeded_request, r.exceeded_window INTO exceeded_request, exceeded_window
      FROM reserve(now_ms, b_name, w_budget, w_seconds, w_unit, w_zone, w_max, k_request_id, k_window, k_amount,
                   h_request_id, h_budget, h_amount, h_settlement, left_out) AS r;
    IF cardinality(exceeded_request) > 0 THEN
      DELETE FROM requests WHERE request_id = ANY (exceeded_request) AND request_id = ANY (opened);
      opened := ARRAY(SELECT id FROM unnest(opened) AS id WHERE id <> ALL (exceeded_request));
      charged := ARRAY(SELECT id FROM unnest(charged) AS id WHERE id <> ALL (exceeded_request));
    END IF;
    IF cardinality(charged) > 0 THEN
      advanced := advanced || advance_requests(batch, now_ms, charged, c_request_id, c_from, c_to, c_due_at_ms, c_slot_given,
        c_slot, c_approval_id, c_wallet_signature, c_transaction_signature, c_error_given, c_error, c_signed_transaction, c_judged,
        c_last_valid_block_height, c_message_digest, c_intent_digest, c_decision, c_transaction, c_policy_input);
    END IF;
    IF cardinality(d_limit_id) > 0 THEN
      INSERT INTO limits (budget_id, limit_id, definition, bundle_revision, seen_at_ms)
        SELECT b.budget_id, d.limit_id, d.definition::json, d.bundle_revision, now_ms
          FROM unnest(d_budget, d_limit_id, d_definition, d_bundle_revision) AS d(budget, limit_id, definition, bundle_revision)
            JOIN budgets b ON b.name = b_name[d.budget]
          ORDER BY b.budget_id, d.limit_id
        ON CONFLICT (budget_id, limit_id) DO UPDATE SET definition = excluded.definition,
          bundle_revision = excluded.bundle_revision, seen_at_ms = excluded.seen_at_ms;
    END IF;
  END IF;

  done := opened || advanced;
  IF cardinality(done) < cardinality(o_request_id) + cardinality(c_request_id) THEN
    skipped := ARRAY(SELECT id FROM unnest(o_request_id || c_request_id) AS id WHERE id <> ALL (done));
    bodies := ARRAY(SELECT r.body FROM unnest(r_request_id, r_body) WITH ORDINALITY AS r(id, body, n)
                    WHERE r.id IS NULL OR r.id = ANY (done) ORDER BY r.n);
  END IF;

  -- A pending approval is over when its request moves on: by its time, or because a new judgement no longer asks.
  IF cardinality(l_request_id) > 0 THEN
    UPDATE approvals SET state = CASE WHEN expires_at_ms <= now_ms THEN 'TIMED_OUT' ELSE 'SUPERSEDED' END
      WHERE request_id = ANY (l_request_id) AND request_id = ANY (done) AND state = 'PENDING';
  END IF;
  IF cardinality(a_request_id) > 0 THEN
    UPDATE approvals SET state = 'SUPERSEDED'
      WHERE request_id = ANY (a_request_id) AND request_id = ANY (done) AND state IN ('PENDING', 'APPROVED');
    INSERT INTO approvals (approval_id, request_id, agent_id, wallet_id, state, quorum, groups, timeout_seconds, requirement, excess,
        reasons, intent_digest, created_at_ms, expires_at_ms)
      SELECT a.approval_id, q.request_id, q.agent_id, q.wallet_id, 'PENDING', (a.requirement::json->>'quorum')::integer,
          ARRAY(SELECT json_array_elements_text(a.requirement::json->'groups')), (a.requirement::json->>'timeoutSeconds')::integer,
          a.requirement::json, a.excess::json, a.reasons::json, q.intent_digest, now_ms, a.expires_at_ms
        FROM unnest(a_request_id, a_approval_id, a_requirement, a_excess, a_reasons, a_expires_at_ms) WITH ORDINALITY
            AS a(request_id, approval_id, requirement, excess, reasons, expires_at_ms, n)
          JOIN requests q ON q.request_id = a.request_id
        WHERE a.request_id = ANY (done)
        ORDER BY a.n;
  END IF;

  IF cardinality(bodies) > 0 THEN
    PERFORM append_audit(bodies);
  END IF;
END $$;

-- Gateways of an older version that still run beside this one call it by its old name. They sign nothing that a limit over time applies
-- to, but they may find out what became of a request that did.
CREATE OR REPLACE FUNCTION commit_batch(
  batch uuid,
  o_request_id text[], o_agent_id text[], o_idempotency_key text[], o_wallet_id text[], o_method text[], o_state text[],
  o_due_at_ms bigint[], o_set_fresh_blockhash boolean[], o_last_valid_block_height text[], o_approval_id text[], o_ask_digest bytea[],
  o_message_digest bytea[], o_intent_digest bytea[], o_context text[], o_decision text[], o_received bytea[], o_transaction bytea[],
  o_policy_input bytea[],
  c_request_id text[], c_from text[], c_to text[], c_due_at_ms bigint[], c_slot_given boolean[], c_slot text[], c_approval_id text[],
  c_wallet_signature text[], c_transaction_signature text[], c_error text[], c_signed_transaction bytea[],
  c_judged boolean[], c_last_valid_block_height text[], c_message_digest bytea[], c_intent_digest bytea[], c_decision text[],
  c_transaction bytea[], c_policy_input bytea[],
  l_request_id text[],
  a_request_id text[], a_approval_id text[], a_quorum integer[], a_groups text[], a_timeout_seconds integer[], a_reasons text[],
  a_expires_at_ms bigint[],
  r_request_id text[], r_body bytea[]
) RETURNS text[] LANGUAGE plpgsql AS $$
BEGIN
  RETURN (
    SELECT done.skipped FROM commit_operations(
      batch,
      o_request_id, o_agent_id, o_idempotency_key, o_wallet_id, o_method, o_state, o_due_at_ms, o_set_fresh_blockhash,
      o_last_valid_block_height, o_approval_id, o_ask_digest, o_message_digest, o_intent_digest, o_context, o_decision, o_received,
      o_transaction, o_policy_input, ARRAY(SELECT NULL::bigint FROM unnest(o_request_id)),
      c_request_id, c_from, c_to, c_due_at_ms, c_slot_given, c_slot, c_approval_id, c_wallet_signature, c_transaction_signature,
      ARRAY(SELECT each.error IS NOT NULL FROM unnest(c_error) WITH ORDINALITY AS each(error, n) ORDER BY each.n), c_error,
      c_signed_transaction, c_judged, c_last_valid_block_height, c_message_digest, c_intent_digest, c_decision, c_transaction,
      c_policy_input, ARRAY(SELECT NULL::bigint FROM unnest(c_request_id)),
      l_request_id,
      a_request_id, a_approval_id,
      ARRAY(SELECT json_build_object('quorum', each.quorum, 'groups', each.groups::json, 'timeoutSeconds', each.timeout_seconds)::text
              FROM unnest(a_quorum, a_groups, a_timeout_seconds) WITH ORDINALITY AS each(quorum, groups, timeout_seconds, n)
              ORDER BY each.n),
      ARRAY(SELECT '[]' FROM unnest(a_request_id)), a_reasons, a_expires_at_ms,
      r_request_id, r_body,
      '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}') AS done
  );
END $$;

-- Forgets what no window can need, of so many budgets after this one; returns the last of them, null where there are no more. The newest
-- settlement before the bound stays: it is what the use within the longest window is counted from.
CREATE FUNCTION prune_settlements(before_ms bigint, after_budget bigint, most_budgets integer) RETURNS bigint LANGUAGE sql VOLATILE
  SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
  WITH looked_at AS MATERIALIZED (
    SELECT b.budget_id FROM budgets b WHERE b.budget_id > after_budget ORDER BY b.budget_id LIMIT most_budgets
  ), newest AS MATERIALIZED (
    SELECT l.budget_id, s.time_ms, s.settled
      FROM looked_at l, LATERAL (SELECT s.time_ms, s.settled FROM settlements s WHERE s.budget_id = l.budget_id AND s.time_ms < before_ms
                                   ORDER BY s.time_ms DESC, s.settled DESC LIMIT 1) s
  ), pruned AS (
    DELETE FROM settlements s USING newest n
      WHERE s.budget_id = n.budget_id AND (s.time_ms, s.settled) < (n.time_ms, n.settled)
  )
  SELECT max(budget_id) FROM looked_at
$$;
