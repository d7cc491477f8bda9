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
