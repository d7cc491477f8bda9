-- What operators have frozen, and who wants it lifted. Every change grows controls.version in its own transaction.

CREATE TABLE freezes (
  freeze_id    text COLLATE "C" PRIMARY KEY,
  -- Order of creation.
  position     bigint GENERATED ALWAYS AS IDENTITY,
  scope        text NOT NULL CHECK (scope IN ('all', 'agent', 'wallet', 'program', 'mint', 'recipient')),
  target       text COLLATE "C" NOT NULL,
  reason       text NOT NULL,
  frozen_by    text COLLATE "C" NOT NULL REFERENCES principals,
  frozen_at_ms bigint NOT NULL DEFAULT clock_ms(),
  -- Whose vote was the last one that it took.
  lifted_by    text COLLATE "C" REFERENCES principals,
  lifted_at_ms bigint,
  CHECK ((scope = 'all') = (target = '')),
  CHECK ((lifted_by IS NULL) = (lifted_at_ms IS NULL))
);
-- The same thing is frozen once.
CREATE UNIQUE INDEX freezes_in_force ON freezes (scope, target) WHERE lifted_at_ms IS NULL;
CREATE UNIQUE INDEX freezes_position ON freezes (position);

CREATE TABLE freeze_votes (
  freeze_id   text COLLATE "C" NOT NULL REFERENCES freezes,
  operator_id text COLLATE "C" NOT NULL REFERENCES principals,
  reason      text NOT NULL,
  time_ms     bigint NOT NULL DEFAULT clock_ms(),
  PRIMARY KEY (freeze_id, operator_id)
);

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

-- Of commit_operations (migrations/0005) one line is replaced; all others stay as they are.
DO $$
DECLARE
  known text := pg_get_functiondef('commit_operations'::regproc);
  held text := replace(known, 'SELECT c.version INTO STRICT current_controls FROM controls c;', 'current_controls := hold_controls();');
BEGIN
  IF held = known THEN RAISE EXCEPTION 'commit_operations does not read the controls where this migration expects it'; END IF;
  EXECUTE held;
END $$;
