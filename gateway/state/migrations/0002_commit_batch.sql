-- Group commit: one call writes many requests, each with its audit record, in one transaction.

-- Appends bodies to the chain, in order. The caller's transaction holds the lock on the head until it ends.
CREATE FUNCTION append_audit(bodies bytea[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  start_sequence bigint;
  link bytea;
  body bytea;
  position bigint;
  hashes bytea[];
BEGIN
  SELECT h.sequence, h.hash INTO STRICT start_sequence, link FROM audit_head h FOR UPDATE;
  hashes := ARRAY[link];
  position := start_sequence;
  FOREACH body IN ARRAY bodies LOOP
    position := position + 1;
    -- 'countersign.audit.v1' and NUL, the hash before, the sequence as u64 big endian, the body.
    link := sha256('\x636f756e7465727369676e2e61756469742e763100'::bytea || link || int8send(position) || body);
    hashes := array_append(hashes, link);
  END LOOP;
  INSERT INTO audit_records (sequence, previous_hash, hash, body)
    SELECT start_sequence + r.n, r.previous_hash, r.hash, r.body
      FROM unnest(hashes[1:cardinality(bodies)], hashes[2:], bodies) WITH ORDINALITY AS r(previous_hash, hash, body, n);
  UPDATE audit_head SET sequence = position, hash = link;
END $$;

-- Locks are taken in one order, so that no two batches wait for each other: requests as the arrays name them (sorted by the caller),
-- then their approvals, then the head of the chain, which is held until the commit.
-- A batch names each request at most once. Returns the requests that were left as they were: an open whose id or idempotency key
-- exists, an advance whose request was not in `from`; they leave no audit record. Audit records without a request are always written.
CREATE FUNCTION commit_batch(
  batch uuid,
  -- open
  o_request_id text[], o_agent_id text[], o_idempotency_key text[], o_wallet_id text[], o_method text[], o_state text[],
  o_due_at_ms bigint[], o_set_fresh_blockhash boolean[], o_last_valid_block_height text[], o_approval_id text[], o_ask_digest bytea[],
  o_message_digest bytea[], o_intent_digest bytea[], o_context text[], o_decision text[], o_received bytea[], o_transaction bytea[],
  o_policy_input bytea[],
  -- advance; null: stays as it is, except for due_at_ms and where a flag says that null is meant
  c_request_id text[], c_from text[], c_to text[], c_due_at_ms bigint[], c_slot_given boolean[], c_slot text[], c_approval_id text[],
  c_wallet_signature text[], c_transaction_signature text[], c_error text[], c_signed_transaction bytea[],
  c_judged boolean[], c_last_valid_block_height text[], c_message_digest bytea[], c_intent_digest bytea[], c_decision text[],
  c_transaction bytea[], c_policy_input bytea[],
  -- requests that leave AWAITING_APPROVAL
  l_request_id text[],
  -- new approvals, of either
  a_request_id text[], a_approval_id text[], a_quorum integer[], a_groups text[], a_timeout_seconds integer[], a_reasons text[],
  a_expires_at_ms bigint[],
  -- audit records
  r_request_id text[], r_body bytea[]
) RETURNS text[] LANGUAGE plpgsql
-- Plans are cached: they must not depend on how small the tables were when they were made.
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  now_ms bigint := floor(extract(epoch FROM clock_timestamp()) * 1000);
  opened text[] := '{}';
  advanced text[] := '{}';
  done text[];
  skipped_ids text[] := '{}';
  bodies bytea[] := r_body;
BEGIN
  IF cardinality(o_request_id) > 0 THEN
    WITH inserted AS (
      INSERT INTO requests (request_id, agent_id, idempotency_key, wallet_id, method, state, batch_id, due_at_ms, created_at_ms, updated_at_ms,
          set_fresh_blockhash, last_valid_block_height, approval_id, ask_digest, message_digest, intent_digest, context, decision,
          received, transaction, policy_input)
        SELECT o.request_id, o.agent_id, o.idempotency_key, o.wallet_id, o.method, o.state, batch, o.due_at_ms, now_ms, now_ms,
            o.set_fresh_blockhash, o.last_valid_block_height::numeric, o.approval_id, o.ask_digest, o.message_digest, o.intent_digest,
            o.context::json, o.decision::json, o.received, o.transaction, o.policy_input
          FROM unnest(o_request_id, o_agent_id, o_idempotency_key, o_wallet_id, o_method, o_state, o_due_at_ms, o_set_fresh_blockhash,
              o_last_valid_block_height, o_approval_id, o_ask_digest, o_message_digest, o_intent_digest, o_context, o_decision,
              o_received, o_transaction, o_policy_input)
            AS o(request_id, agent_id, idempotency_key, wallet_id, method, state, due_at_ms, set_fresh_blockhash,
              last_valid_block_height, approval_id, ask_digest, message_digest, intent_digest, context, decision,
              received, transaction, policy_input)
        ON CONFLICT DO NOTHING
        RETURNING request_id
    )
    SELECT coalesce(array_agg(request_id), '{}') INTO opened FROM inserted;
  END IF;

  IF cardinality(c_request_id) > 0 THEN
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
          error = coalesce(c.error, q.error),
          signed_transaction = coalesce(c.signed_transaction, q.signed_transaction),
          last_valid_block_height =
            CASE WHEN c.judged THEN c.last_valid_block_height::numeric ELSE q.last_valid_block_height END,
          message_digest = coalesce(c.message_digest, q.message_digest),
          intent_digest = coalesce(c.intent_digest, q.intent_digest),
          decision = coalesce(c.decision::json, q.decision),
          transaction = coalesce(c.transaction, q.transaction),
          policy_input = coalesce(c.policy_input, q.policy_input)
        FROM unnest(c_request_id, c_from, c_to, c_due_at_ms, c_slot_given, c_slot, c_approval_id, c_wallet_signature,
            c_transaction_signature, c_error, c_signed_transaction, c_judged, c_last_valid_block_height, c_message_digest,
            c_intent_digest, c_decision, c_transaction, c_policy_input)
          AS c(request_id, from_state, to_state, due_at_ms, slot_given, slot, approval_id, wallet_signature,
            transaction_signature, error, signed_transaction, judged, last_valid_block_height, message_digest,
            intent_digest, decision, transaction, policy_input)
        WHERE q.request_id = c.request_id AND q.state = c.from_state
        RETURNING q.request_id
    )
    SELECT coalesce(array_agg(request_id), '{}') INTO advanced FROM updated;
  END IF;

  done := opened || advanced;
  IF cardinality(done) < cardinality(o_request_id) + cardinality(c_request_id) THEN
    skipped_ids := ARRAY(SELECT id FROM unnest(o_request_id || c_request_id) AS id WHERE id <> ALL (done));
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
    INSERT INTO approvals (approval_id, request_id, agent_id, wallet_id, state, quorum, groups, timeout_seconds, reasons,
        intent_digest, created_at_ms, expires_at_ms)
      SELECT a.approval_id, q.request_id, q.agent_id, q.wallet_id, 'PENDING', a.quorum,
          ARRAY(SELECT json_array_elements_text(a.groups::json)), a.timeout_seconds, a.reasons::json,
          q.intent_digest, now_ms, a.expires_at_ms
        FROM unnest(a_request_id, a_approval_id, a_quorum, a_groups, a_timeout_seconds, a_reasons, a_expires_at_ms) WITH ORDINALITY
            AS a(request_id, approval_id, quorum, groups, timeout_seconds, reasons, expires_at_ms, n)
          JOIN requests q ON q.request_id = a.request_id
        WHERE a.request_id = ANY (done)
        ORDER BY a.n;
  END IF;

  IF cardinality(bodies) > 0 THEN
    PERFORM append_audit(bodies);
  END IF;
  RETURN skipped_ids;
END $$;
