-- The durable record: who may call, what was asked and decided, who approved, and the audit chain over all of it.
-- All times are unix milliseconds by this database's clock, except where a column says otherwise.

CREATE FUNCTION clock_ms() RETURNS bigint LANGUAGE sql VOLATILE AS
$$ SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint $$;

CREATE TABLE wallets (
  wallet_id     text COLLATE "C" PRIMARY KEY,
  address       text NOT NULL,
  -- Set while no configuration names it; the row stays, so that the id never gets another address.
  retired_at_ms bigint
);

CREATE TABLE principals (
  principal_id   text COLLATE "C" PRIMARY KEY,
  kind           text NOT NULL CHECK (kind IN ('agent', 'operator')),
  roles          text[] NOT NULL,
  groups         text[] NOT NULL,
  created_at_ms  bigint NOT NULL DEFAULT clock_ms(),
  disabled_at_ms bigint,
  CHECK (kind = 'operator' OR (roles = '{}' AND groups = '{}'))
);

CREATE TABLE wallet_bindings (
  agent_id  text COLLATE "C" NOT NULL REFERENCES principals,
  wallet_id text COLLATE "C" NOT NULL REFERENCES wallets,
  PRIMARY KEY (agent_id, wallet_id)
);

CREATE TABLE api_keys (
  key_id        text COLLATE "C" PRIMARY KEY,
  principal_id  text COLLATE "C" NOT NULL REFERENCES principals,
  -- SHA-256 of the secret; the secret itself is nowhere.
  secret_hash   bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
  created_at_ms bigint NOT NULL DEFAULT clock_ms(),
  revoked_at_ms bigint
);
CREATE INDEX api_keys_principal ON api_keys (principal_id);

-- The hot path writes here: no foreign keys (a principal or wallet is never deleted) and no checks, which Postgres prepares anew for
-- each statement; the gateway reads every column strictly instead.
CREATE TABLE requests (
  request_id              text COLLATE "C" PRIMARY KEY,
  agent_id                text COLLATE "C" NOT NULL,
  idempotency_key         text COLLATE "C",
  wallet_id               text COLLATE "C" NOT NULL,
  method                  text NOT NULL,
  state                   text NOT NULL,
  -- Counts changes, so that another process sees one.
  revision                bigint NOT NULL DEFAULT 1,
  -- The commit that wrote it last: whoever lost that commit's answer finds it here.
  batch_id                uuid NOT NULL,
  due_at_ms               bigint,
  created_at_ms           bigint NOT NULL,
  updated_at_ms           bigint NOT NULL,
  set_fresh_blockhash     boolean NOT NULL,
  last_valid_block_height numeric(20, 0),
  slot                    numeric(20, 0),
  approval_id             text COLLATE "C",
  wallet_signature        text,
  transaction_signature   text,
  error                   text,
  ask_digest              bytea NOT NULL,
  message_digest          bytea NOT NULL,
  intent_digest           bytea NOT NULL,
  context                 json NOT NULL,
  decision                json NOT NULL,
  received                bytea NOT NULL,
  transaction             bytea NOT NULL,
  signed_transaction      bytea,
  policy_input            bytea NOT NULL
) WITH (fillfactor = 80);
-- Documents are kept as they are: compressing them costs more time than the space is worth.
ALTER TABLE requests
  ALTER policy_input SET STORAGE EXTERNAL,
  ALTER received SET STORAGE EXTERNAL,
  ALTER transaction SET STORAGE EXTERNAL,
  ALTER signed_transaction SET STORAGE EXTERNAL,
  ALTER decision SET STORAGE EXTERNAL,
  ALTER context SET STORAGE EXTERNAL;
CREATE UNIQUE INDEX requests_idempotency_key ON requests (agent_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
-- Two payments that are alike in all but their ids must not become one transaction: the cluster lets the same bytes land once only.
CREATE UNIQUE INDEX requests_fresh_message ON requests (message_digest)
  WHERE set_fresh_blockhash AND state NOT IN ('DENIED', 'AWAITING_APPROVAL');
CREATE INDEX requests_due ON requests (due_at_ms) WHERE due_at_ms IS NOT NULL;

CREATE TABLE approvals (
  approval_id     text COLLATE "C" PRIMARY KEY,
  -- Order of creation, for pages.
  position        bigint GENERATED ALWAYS AS IDENTITY,
  request_id      text COLLATE "C" NOT NULL REFERENCES requests,
  agent_id        text COLLATE "C" NOT NULL,
  wallet_id       text COLLATE "C" NOT NULL,
  state           text NOT NULL CHECK (state IN ('PENDING', 'APPROVED', 'REJECTED', 'TIMED_OUT', 'SUPERSEDED')),
  quorum          integer NOT NULL CHECK (quorum >= 1),
  groups          text[] NOT NULL,
  timeout_seconds integer NOT NULL CHECK (timeout_seconds >= 0),
  reasons         json NOT NULL,
  intent_digest   bytea NOT NULL CHECK (octet_length(intent_digest) = 32),
  created_at_ms   bigint NOT NULL,
  expires_at_ms   bigint NOT NULL
);
CREATE UNIQUE INDEX approvals_position ON approvals (position);
CREATE INDEX approvals_request ON approvals (request_id);
CREATE INDEX approvals_pending ON approvals (position) WHERE state = 'PENDING';

CREATE TABLE votes (
  approval_id text COLLATE "C" NOT NULL REFERENCES approvals,
  approver_id text COLLATE "C" NOT NULL REFERENCES principals,
  approve     boolean NOT NULL,
  comment     text NOT NULL,
  time_ms     bigint NOT NULL,
  PRIMARY KEY (approval_id, approver_id)
);

CREATE TABLE audit_records (
  sequence      bigint PRIMARY KEY,
  previous_hash bytea NOT NULL,
  hash          bytea NOT NULL,
  body          bytea NOT NULL
);
ALTER TABLE audit_records ALTER body SET STORAGE EXTERNAL;

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit_records is append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_records_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_records
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

-- One row: the newest link. Its lock is the last one that a write takes, and gives the chain its order.
CREATE TABLE audit_head (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  sequence bigint NOT NULL,
  hash     bytea NOT NULL
) WITH (fillfactor = 10);
INSERT INTO audit_head (sequence, hash) VALUES (0, decode(repeat('00', 32), 'hex'));
