-- Session keys: short-lived keys of agents that may do less than the agent. And what the chain shows of wallets.

-- Not among the API keys: a gateway of before does not know them, and must not take one for a key that may do everything.
CREATE TABLE session_keys (
  key_id        text COLLATE "C" PRIMARY KEY,
  agent_id      text COLLATE "C" NOT NULL REFERENCES principals,
  -- SHA-256 of the secret; the secret itself is nowhere.
  secret_hash   bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
  -- Ids of the keys that it comes from, the oldest first: the first may be an API key. It is refused where one of them is revoked.
  lineage       text[] NOT NULL,
  wallets       text[] NOT NULL CHECK (cardinality(wallets) > 0),
  methods       text[] NOT NULL CHECK (cardinality(methods) > 0),
  -- Its own limits, and those of the session keys that it comes from.
  limits        json NOT NULL,
  created_at_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL CHECK (expires_at_ms > created_at_ms),
  revoked_at_ms bigint
);
CREATE INDEX session_keys_agent ON session_keys (agent_id, expires_at_ms);
CREATE INDEX session_keys_lineage ON session_keys USING gin (lineage);

-- An agent's own requests, the newest first.
CREATE INDEX requests_agent ON requests (agent_id, request_id);

-- What the chain shows of the wallets beside what the gateway signed. One row a wallet that was looked at.
CREATE TABLE wallet_checks (
  wallet_id           text COLLATE "C" PRIMARY KEY REFERENCES wallets,
  -- When it is looked at next; whoever takes it moves it on, so that one gateway looks.
  due_at_ms           bigint NOT NULL,
  checked_at_ms       bigint,
  -- All that landed up to this signature was compared; null: nothing had landed.
  compared_signature  text,
  -- Transactions with its signature that the gateway did not sign.
  foreign_count       bigint NOT NULL DEFAULT 0,
  foreign_signature   text,
  foreign_at_ms       bigint,
  problem             text
);
