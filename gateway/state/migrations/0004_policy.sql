-- Archives of policy bundles by what they hash to, in parts: what ever decided is kept, so that each decision can be replayed. In
-- parts, because a process that reads or writes one must not be held by it.
CREATE TABLE policy_archives (
  archive_sha256 bytea NOT NULL CHECK (octet_length(archive_sha256) = 32),
  part           integer NOT NULL,
  bytes          bytea NOT NULL,
  PRIMARY KEY (archive_sha256, part)
);
-- It is compressed already.
ALTER TABLE policy_archives ALTER bytes SET STORAGE EXTERNAL;

-- Policy bundles, by revision.
CREATE TABLE policy_bundles (
  revision           text COLLATE "C" PRIMARY KEY,
  position           bigint GENERATED ALWAYS AS IDENTITY,
  archive_sha256     bytea NOT NULL CHECK (octet_length(archive_sha256) = 32),
  -- Of the module, the data and the IDLs. One revision has one content, whoever signs it anew.
  content_sha256     bytea NOT NULL CHECK (octet_length(content_sha256) = 32),
  origin             text NOT NULL CHECK (origin IN ('directory', 'git', 'http', 'push')),
  git_commit         text,
  built_at_ms        bigint,
  signed_by          text,
  pushed_by          text COLLATE "C",
  stored_at_ms       bigint NOT NULL DEFAULT clock_ms(),
  first_active_at_ms bigint
);

-- What operators chose, for every replica: one row.
CREATE TABLE policy_selection (
  one               boolean PRIMARY KEY DEFAULT true CHECK (one),
  -- Counts changes, so that a replica sees one.
  version           bigint NOT NULL,
  pinned_revision   text COLLATE "C" REFERENCES policy_bundles,
  -- What decides where nothing is pinned: the newest of the source that a replica activated, so that one which starts while the source is
  -- away has it too.
  followed_revision text COLLATE "C" REFERENCES policy_bundles,
  shadow_revision   text COLLATE "C" REFERENCES policy_bundles,
  shadow_since_ms   bigint,
  chosen_by         text COLLATE "C",
  chosen_at_ms      bigint
);
INSERT INTO policy_selection (version) VALUES (0);

-- Which revision decided after which: for going back.
CREATE TABLE policy_activations (
  position        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  revision        text COLLATE "C" NOT NULL REFERENCES policy_bundles,
  activated_at_ms bigint NOT NULL DEFAULT clock_ms()
);

CREATE TABLE policy_replicas (
  replica         text COLLATE "C" PRIMARY KEY,
  revision        text COLLATE "C" NOT NULL,
  shadow_revision text COLLATE "C",
  problem         text,
  seen_at_ms      bigint NOT NULL DEFAULT clock_ms()
);

-- Where a shadow would have decided otherwise: sums of one replica, and samples.
CREATE TABLE shadow_tallies (
  replica         text COLLATE "C" NOT NULL,
  shadow_revision text COLLATE "C" NOT NULL,
  active_revision text COLLATE "C" NOT NULL,
  -- judged, skipped, failed, newly_denied, newly_allowed, newly_asked, other_reasons
  kind            text NOT NULL,
  decisions       bigint NOT NULL,
  -- By asset, decimal text.
  exposure        json NOT NULL,
  PRIMARY KEY (shadow_revision, active_revision, replica, kind)
);

CREATE TABLE shadow_samples (
  position        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  shadow_revision text COLLATE "C" NOT NULL,
  request_id      text COLLATE "C" NOT NULL,
  agent_id        text COLLATE "C" NOT NULL,
  wallet_id       text COLLATE "C" NOT NULL,
  difference      text NOT NULL,
  active_verdict  json NOT NULL,
  shadow_verdict  json NOT NULL,
  sampled_at_ms   bigint NOT NULL DEFAULT clock_ms()
);
CREATE INDEX shadow_samples_revision ON shadow_samples (shadow_revision, position);
