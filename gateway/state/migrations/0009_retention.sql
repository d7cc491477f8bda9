-- What is kept for ever and what is not: old audit records and old requests can be removed, so that what is left can still be verified.

-- Where the chain begins after its oldest records were removed: the last record that may be. Append-only, like the chain.
CREATE TABLE audit_anchors (
  sequence     bigint PRIMARY KEY,
  -- Of that record: the previous_hash of the one that follows.
  hash         bytea NOT NULL CHECK (octet_length(hash) = 32),
  pruned_by    text COLLATE "C" NOT NULL,
  pruned_at_ms bigint NOT NULL DEFAULT clock_ms()
);

CREATE FUNCTION check_audit_anchor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    RAISE EXCEPTION 'audit_anchors is append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF NOT EXISTS (SELECT FROM audit_records r WHERE r.sequence = new.sequence AND r.hash = new.hash) THEN
    RAISE EXCEPTION 'an audit anchor must be a record of the chain' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF new.sequence <= (SELECT max(a.sequence) FROM audit_anchors a) THEN
    RAISE EXCEPTION 'an audit anchor must lie behind the one before it' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN new;
END $$;
CREATE TRIGGER audit_anchors_checked BEFORE INSERT OR UPDATE OR DELETE ON audit_anchors
  FOR EACH ROW EXECUTE FUNCTION check_audit_anchor();
CREATE FUNCTION refuse_anchor_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit_anchors is append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_anchors_not_truncated BEFORE TRUNCATE ON audit_anchors
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_anchor_truncate();

-- A record goes only when the chain has an anchor at it or behind it: that is seen when the statement has named the rows.
CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN RETURN NULL; END IF;
  RAISE EXCEPTION 'audit_records is append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE FUNCTION refuse_audit_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT max(g.sequence) FROM gone g) > (SELECT coalesce(max(a.sequence), 0) FROM audit_anchors a) THEN
    RAISE EXCEPTION 'audit_records is append-only: DELETE is refused' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER audit_records_kept AFTER DELETE ON audit_records REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_delete();

-- One gateway at a time does either of what follows; any number may ask for it.
CREATE FUNCTION retains_alone() RETURNS boolean LANGUAGE sql VOLATILE AS
$$ SELECT pg_try_advisory_xact_lock(7205759403793) $$;

-- Removes so many of the records at or before the last anchor, the oldest first; returns how many.
CREATE FUNCTION delete_pruned_audit(most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  deleted integer;
BEGIN
  IF NOT retains_alone() THEN RETURN 0; END IF;
  DELETE FROM audit_records r USING (
    SELECT p.sequence FROM audit_records p WHERE p.sequence <= (SELECT max(a.sequence) FROM audit_anchors a)
      ORDER BY p.sequence LIMIT most
  ) old WHERE r.sequence = old.sequence;
  GET DIAGNOSTICS deleted = ROW_COUNT;
  RETURN deleted;
END $$;

-- Removes so many requests that came in before a time and that nothing can move any more, with what belongs to them; returns how many.
-- A signed transaction that may still land is kept, and one of which nobody can tell what became of it. Ids begin with their time.
CREATE FUNCTION delete_old_requests(before_ms bigint, most integer) RETURNS integer LANGUAGE plpgsql AS $$
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
             OR (q.state = 'SIGNED' AND q.method = 'sign_message'))
        AND NOT EXISTS (SELECT FROM reservations r WHERE r.request_id = q.request_id)
      ORDER BY q.request_id LIMIT most
      FOR UPDATE SKIP LOCKED);
  DELETE FROM votes v USING approvals a WHERE v.approval_id = a.approval_id AND a.request_id = ANY (ids);
  DELETE FROM vote_withdrawals w USING approvals a WHERE w.approval_id = a.approval_id AND a.request_id = ANY (ids);
  DELETE FROM approvals WHERE request_id = ANY (ids);
  DELETE FROM requests WHERE request_id = ANY (ids);
  RETURN cardinality(ids);
END $$;
