-- An approval permits what it was given for, and only until its time is over: both are looked at in the very commit that records the intent,
-- behind the lock on its request.

-- As before; what has no room leaves no budget behind; and whoever moves a request that waits for approval names the approval that it acts on: where the approvers were asked again
-- meanwhile, it is left as it is. Nothing is signed but by an approval that is APPROVED, and whose time is not over.
CREATE FUNCTION commit_operations(
  batch uuid,
  -- open; controls: the version that must still be in force, null: none
  o_request_id text[], o_agent_id text[], o_idempotency_key text[], o_wallet_id text[], o_method text[], o_state text[],
  o_due_at_ms bigint[], o_set_fresh_blockhash boolean[], o_last_valid_block_height text[], o_approval_id text[], o_ask_digest bytea[],
  o_message_digest bytea[], o_intent_digest bytea[], o_context text[], o_decision text[], o_received bytea[], o_transaction bytea[],
  o_policy_input bytea[], o_controls bigint[], o_keys_in_process text[],
  -- advance; null: stays as it is, except for due_at_ms and where a flag says that null is meant
  c_request_id text[], c_from text[], c_to text[], c_due_at_ms bigint[], c_slot_given boolean[], c_slot text[], c_approval_id text[],
  c_wallet_signature text[], c_transaction_signature text[], c_error_given boolean[], c_error text[],
  c_signed_transaction bytea[], c_judged boolean[], c_last_valid_block_height text[], c_message_digest bytea[],
  c_intent_digest bytea[], c_decision text[], c_transaction bytea[], c_policy_input bytea[], c_controls bigint[],
  c_keys_in_process text[],
  -- of what leaves AWAITING_APPROVAL, or stays there: the approval that it acts on
  c_on_approval text[],
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
          received, transaction, policy_input, keys_in_process)
        SELECT o.request_id, o.agent_id, o.idempotency_key, o.wallet_id, o.method, o.state, batch, o.due_at_ms, now_ms, now_ms,
            o.set_fresh_blockhash, o.last_valid_block_height::numeric, o.approval_id, o.ask_digest, o.message_digest, o.intent_digest,
            o.context::json, o.decision::json, o.received, o.transaction, o.policy_input, o.keys_in_process
          FROM unnest(o_controls, o_request_id, o_agent_id, o_idempotency_key, o_wallet_id, o_method, o_state, o_due_at_ms,
              o_set_fresh_blockhash, o_last_valid_block_height, o_approval_id, o_ask_digest, o_message_digest, o_intent_digest,
              o_context, o_decision, o_received, o_transaction, o_policy_input, o_keys_in_process)
            AS o(controls, request_id, agent_id, idempotency_key, wallet_id, method, state, due_at_ms, set_fresh_blockhash,
              last_valid_block_height, approval_id, ask_digest, message_digest, intent_digest, context, decision,
              received, transaction, policy_input, keys_in_process)
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
    IF 'AWAITING_APPROVAL' = ANY (c_from) THEN
      plain := coalesce(plain, c_request_id);
      PERFORM FROM requests q WHERE q.request_id = ANY (plain) ORDER BY q.request_id FOR UPDATE;
      plain := ARRAY(SELECT c.id FROM unnest(c_request_id, c_from, c_to, c_on_approval) AS c(id, from_state, to_state, on_approval)
                         JOIN requests q ON q.request_id = c.id
                         LEFT JOIN approvals a ON a.approval_id = q.approval_id
                       WHERE c.id = ANY (plain)
                         AND (c.from_state <> 'AWAITING_APPROVAL'
                           OR (coalesce(c.on_approval = q.approval_id, true)
                             AND (c.to_state <> 'SIGNING' OR (a.state = 'APPROVED' AND a.expires_at_ms > clock_ms())))));
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
        c_last_valid_block_height, c_message_digest, c_intent_digest, c_decision, c_transaction, c_policy_input,
        c_keys_in_process);
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
      -- Whoever asks for what has no room must not fill the table with budgets that nothing uses. Nobody else has seen those of this commit.
      DELETE FROM budgets b
        WHERE b.name = ANY (b_name) AND b.reserved = 0 AND b.settled = 0 AND b.xmin = pg_current_xact_id()::xid;
    END IF;
    IF cardinality(charged) > 0 THEN
      advanced := advanced || advance_requests(batch, now_ms, charged, c_request_id, c_from, c_to, c_due_at_ms, c_slot_given,
        c_slot, c_approval_id, c_wallet_signature, c_transaction_signature, c_error_given, c_error, c_signed_transaction, c_judged,
        c_last_valid_block_height, c_message_digest, c_intent_digest, c_decision, c_transaction, c_policy_input,
        c_keys_in_process);
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

-- Gateways of an older version that still run beside this one do not name the approval.
CREATE OR REPLACE FUNCTION commit_operations(
  batch uuid,
  o_request_id text[], o_agent_id text[], o_idempotency_key text[], o_wallet_id text[], o_method text[], o_state text[],
  o_due_at_ms bigint[], o_set_fresh_blockhash boolean[], o_last_valid_block_height text[], o_approval_id text[], o_ask_digest bytea[],
  o_message_digest bytea[], o_intent_digest bytea[], o_context text[], o_decision text[], o_received bytea[], o_transaction bytea[],
  o_policy_input bytea[], o_controls bigint[], o_keys_in_process text[],
  c_request_id text[], c_from text[], c_to text[], c_due_at_ms bigint[], c_slot_given boolean[], c_slot text[], c_approval_id text[],
  c_wallet_signature text[], c_transaction_signature text[], c_error_given boolean[], c_error text[],
  c_signed_transaction bytea[], c_judged boolean[], c_last_valid_block_height text[], c_message_digest bytea[],
  c_intent_digest bytea[], c_decision text[], c_transaction bytea[], c_policy_input bytea[], c_controls bigint[],
  c_keys_in_process text[],
  l_request_id text[],
  a_request_id text[], a_approval_id text[], a_requirement text[], a_excess text[], a_reasons text[], a_expires_at_ms bigint[],
  r_request_id text[], r_body bytea[],
  b_name text[], w_budget integer[], w_seconds bigint[], w_unit text[], w_zone text[], w_max text[],
  k_request_id text[], k_window integer[], k_amount text[],
  h_request_id text[], h_budget integer[], h_amount text[], h_settlement text[],
  d_budget integer[], d_limit_id text[], d_definition text[], d_bundle_revision text[],
  OUT skipped text[], OUT exceeded_request text[], OUT exceeded_window integer[], OUT current_controls bigint
) LANGUAGE plpgsql AS $$
BEGIN
  SELECT done.skipped, done.exceeded_request, done.exceeded_window, done.current_controls
    INTO skipped, exceeded_request, exceeded_window, current_controls
    FROM commit_operations(
      batch, o_request_id, o_agent_id, o_idempotency_key, o_wallet_id, o_method, o_state, o_due_at_ms, o_set_fresh_blockhash,
      o_last_valid_block_height, o_approval_id, o_ask_digest, o_message_digest, o_intent_digest, o_context, o_decision,
      o_received, o_transaction, o_policy_input, o_controls, o_keys_in_process, c_request_id, c_from, c_to, c_due_at_ms,
      c_slot_given, c_slot, c_approval_id, c_wallet_signature, c_transaction_signature, c_error_given, c_error,
      c_signed_transaction, c_judged, c_last_valid_block_height, c_message_digest, c_intent_digest, c_decision, c_transaction,
      c_policy_input, c_controls, c_keys_in_process, ARRAY(SELECT NULL::text FROM unnest(c_request_id)), l_request_id,
      a_request_id, a_approval_id, a_requirement, a_excess, a_reasons, a_expires_at_ms, r_request_id, r_body, b_name, w_budget,
      w_seconds, w_unit, w_zone, w_max, k_request_id, k_window, k_amount, h_request_id, h_budget, h_amount, h_settlement,
      d_budget, d_limit_id, d_definition, d_bundle_revision) AS done;
END $$;

-- With a key that is revoked go the votes that it signed: that is a change of the controls, as a change of principals is (0016).
CREATE TRIGGER approver_keys_held BEFORE UPDATE ON approver_keys FOR EACH STATEMENT EXECUTE FUNCTION hold_principals();
CREATE FUNCTION count_approver_key_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM changed) THEN UPDATE controls SET version = version + 1; END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER approver_keys_changed AFTER UPDATE ON approver_keys REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION count_approver_key_change();
