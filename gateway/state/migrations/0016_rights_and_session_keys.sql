-- Roles and groups of operators change. Whoever gains one holds it from then on, and what they voted before does not count by it.

ALTER TABLE principals
  -- Counts changes of roles and groups.
  ADD revision bigint NOT NULL DEFAULT 1,
  -- Since when, by `role:<role>` and `group:<group>`: those that were gained later than the principal was made.
  ADD gained jsonb NOT NULL DEFAULT '{}';

CREATE FUNCTION held_rights(roles text[], groups text[]) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY(SELECT 'role:' || r FROM unnest(roles) r UNION ALL SELECT 'group:' || g FROM unnest(groups) g)
$$;

-- Of a right that the principal holds.
CREATE FUNCTION held_since(created_at_ms bigint, gained jsonb, held text) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT greatest(created_at_ms, (gained->>held)::bigint)
$$;

-- A change of principals is one of the controls: nothing is recorded under those of before that votes of before permit, and admins who
-- take each other's role take turns. Gateways of an older version disable principals too: it holds for them as well.
CREATE FUNCTION hold_principals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  LOCK TABLE controls IN EXCLUSIVE MODE;
  RETURN NULL;
END $$;
CREATE TRIGGER principals_held BEFORE UPDATE ON principals FOR EACH STATEMENT EXECUTE FUNCTION hold_principals();

CREATE FUNCTION is_admin(roles text[], disabled_at_ms bigint) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT disabled_at_ms IS NULL AND 'admin' = ANY (roles)
$$;
CREATE FUNCTION count_principals_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM changed) THEN RETURN NULL; END IF;
  IF EXISTS (SELECT FROM before b WHERE is_admin(b.roles, b.disabled_at_ms))
      AND NOT EXISTS (SELECT FROM principals p WHERE is_admin(p.roles, p.disabled_at_ms)) THEN
    RAISE EXCEPTION 'the last admin that is enabled cannot be taken away' USING ERRCODE = 'insufficient_privilege';
  END IF;
  UPDATE controls SET version = version + 1;
  RETURN NULL;
END $$;
CREATE TRIGGER principals_changed AFTER UPDATE ON principals REFERENCING OLD TABLE AS before NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION count_principals_change();

-- Removes so many session keys that expired before a time, with their budgets; returns how many. Not one on which something hangs still: a
-- request that may move, something reserved, or a key that was made from it. Their records in the audit chain stay.
CREATE FUNCTION delete_ended_session_keys(before_ms bigint, most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  ids text[];
  parents text[];
  budget_ids bigint[];
BEGIN
  IF NOT retains_alone() OR NOT EXISTS (SELECT FROM session_keys k WHERE k.expires_at_ms < before_ms) THEN RETURN 0; END IF;
  ids := ARRAY(
    SELECT k.key_id FROM session_keys k
      WHERE k.expires_at_ms < before_ms
        AND NOT EXISTS (SELECT FROM budgets b WHERE b.name > 'session:' || k.key_id || '|' AND b.name < 'session:' || k.key_id || '}'
                          AND b.reserved > 0 OFFSET 0)
        AND k.key_id <> ALL (ARRAY(SELECT q.decision->>'credential' FROM requests q
                                     WHERE q.due_at_ms IS NOT NULL AND q.decision->>'credential' IS NOT NULL))
      ORDER BY k.expires_at_ms LIMIT most
      FOR UPDATE SKIP LOCKED);
  -- None ends before one that was made from it, so that those of a family go together, or the younger first.
  LOOP
    parents := ARRAY(
      SELECT DISTINCT p.key_id FROM session_keys c, unnest(c.lineage) AS p(key_id)
        WHERE c.lineage && ids AND c.key_id <> ALL (ids) AND p.key_id = ANY (ids));
    EXIT WHEN cardinality(parents) = 0;
    ids := ARRAY(SELECT i.key_id FROM unnest(ids) AS i(key_id) WHERE i.key_id <> ALL (parents));
  END LOOP;
  budget_ids := ARRAY(
    SELECT b.budget_id FROM unnest(ids) AS i(key_id) CROSS JOIN LATERAL (
      SELECT o.budget_id FROM budgets o
        WHERE o.name > 'session:' || i.key_id || '|' AND o.name < 'session:' || i.key_id || '}' OFFSET 0) b);
  DELETE FROM limits WHERE budget_id = ANY (budget_ids);
  DELETE FROM settlements WHERE budget_id = ANY (budget_ids);
  DELETE FROM budgets WHERE budget_id = ANY (budget_ids);
  DELETE FROM session_keys WHERE key_id = ANY (ids);
  RETURN cardinality(ids);
END $$;
CREATE INDEX session_keys_expiry ON session_keys (expires_at_ms);
