-- Most commits charge budgets that exist, and most that move requests decide no reservation: neither looks for what is not there.

-- As before, but budgets are made only where one is lacking, and nothing is looked up that nobody names. Whoever holds the lock sees all
-- that others settled before.
CREATE OR REPLACE FUNCTION lock_budgets(names text[], request_ids text[], states text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  ids bigint[] := '{}';
BEGIN
  IF cardinality(names) > 0 THEN
    ids := ARRAY(SELECT b.budget_id FROM budgets b WHERE b.name = ANY (names));
    IF cardinality(ids) < cardinality(names) THEN
      -- One that another commit is just making is waited for.
      INSERT INTO budgets (name)
        SELECT n.name FROM unnest(names) AS n(name)
          WHERE NOT EXISTS (SELECT FROM budgets b WHERE b.name = n.name) ORDER BY n.name
        ON CONFLICT DO NOTHING;
      ids := ARRAY(SELECT b.budget_id FROM budgets b WHERE b.name = ANY (names));
    END IF;
  END IF;
  IF cardinality(request_ids) > 0 THEN
    ids := ids || ARRAY(
      SELECT DISTINCT r.budget_id FROM unnest(request_ids, states) AS q(request_id, state)
          JOIN reservations r ON r.request_id = q.request_id
        WHERE is_decided(q.state, r.settlement));
  END IF;
  IF cardinality(ids) > 0 THEN
    PERFORM FROM budgets b WHERE b.budget_id = ANY (ids) ORDER BY b.budget_id FOR UPDATE;
  END IF;
END $$;

-- As before, with a plan that is made once.
CREATE OR REPLACE FUNCTION settle(now_ms bigint, request_ids text[], states text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF cardinality(request_ids) = 0 THEN
    RETURN;
  END IF;
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
  INSERT INTO settlements (budget_id, time_ms, settled) SELECT budget_id, settled_at_ms, settled FROM changed WHERE used > 0;
END $$;
