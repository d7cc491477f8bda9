-- A signer may have made a signature that did not arrive: then the request goes from SIGNING to INDETERMINATE, without a wallet's signature.

-- Where its fee payer has signed, it is found by that.
CREATE INDEX requests_lost_signature ON requests (transaction_signature)
  WHERE transaction_signature IS NOT NULL AND wallet_signature IS NULL;

-- As before, and what counts signatures counts one that may exist. Of a request that was SIGNED, nothing of that is left to decide.
CREATE OR REPLACE FUNCTION is_decided(state text, settlement text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT state IN ('FINALIZED', 'FAILED', 'EXPIRED', 'SIGNING_FAILED')
    OR (state IN ('SIGNED', 'INDETERMINATE') AND settlement = 'signature')
$$;

CREATE OR REPLACE FUNCTION settle(now_ms bigint, request_ids text[], states text[]) RETURNS void LANGUAGE sql VOLATILE
AS $$
  WITH decided AS (
    DELETE FROM reservations r USING unnest(request_ids, states) AS q(request_id, state)
      WHERE r.request_id = q.request_id AND is_decided(q.state, r.settlement)
      RETURNING r.budget_id, r.amount,
        CASE q.state
          WHEN 'SIGNED' THEN true
          WHEN 'INDETERMINATE' THEN true
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

-- As before, and messages of which nobody will ever know more: they land nowhere.
CREATE OR REPLACE FUNCTION delete_old_requests(before_ms bigint, most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  ids text[];
  -- The least id of that time.
  bound text := regexp_replace(lpad(to_hex(before_ms), 12, '0'), '^(.{8})', '\1-');
BEGIN
  IF NOT retains_alone() THEN RETURN 0; END IF;
  ids := ARRAY(
    SELECT q.request_id FROM requests q
      WHERE q.request_id < bound AND q.created_at_ms < before_ms AND q.updated_at_ms < before_ms
        AND (q.state IN ('DENIED', 'SIGNING_FAILED', 'FINALIZED', 'FAILED', 'EXPIRED')
             OR (q.state IN ('SIGNED', 'INDETERMINATE') AND q.method = 'sign_message'))
        AND NOT EXISTS (SELECT FROM reservations r WHERE r.request_id = q.request_id)
      ORDER BY q.request_id LIMIT most
      FOR UPDATE SKIP LOCKED);
  DELETE FROM votes v USING approvals a WHERE v.approval_id = a.approval_id AND a.request_id = ANY (ids);
  DELETE FROM vote_withdrawals w USING approvals a WHERE w.approval_id = a.approval_id AND a.request_id = ANY (ids);
  DELETE FROM approvals WHERE request_id = ANY (ids);
  DELETE FROM requests WHERE request_id = ANY (ids);
  RETURN cardinality(ids);
END $$;
