-- Votes that are signed, that are taken back, and approvals that escalate.

-- Keys with which operators sign votes. A key is of one operator for ever, so that a signature is of one person.
CREATE TABLE approver_keys (
  -- Base58 of the Ed25519 public key.
  public_key    text COLLATE "C" PRIMARY KEY,
  operator_id   text COLLATE "C" NOT NULL REFERENCES principals,
  created_at_ms bigint NOT NULL DEFAULT clock_ms(),
  revoked_at_ms bigint
);
CREATE INDEX approver_keys_operator ON approver_keys (operator_id);

-- Null: not signed. `signed_at_ms` is by the clock of whoever signed, and is a part of what was signed.
ALTER TABLE votes
  ADD signing_key text COLLATE "C" REFERENCES approver_keys,
  ADD signature bytea CHECK (octet_length(signature) = 64),
  ADD signed_at_ms bigint,
  ADD CHECK ((signing_key IS NULL) = (signature IS NULL) AND (signing_key IS NULL) = (signed_at_ms IS NULL));

-- A vote that was taken back has no row in votes, where a gateway of an older version would count it. A signature from before then
-- cannot be used again.
CREATE TABLE vote_withdrawals (
  approval_id text COLLATE "C" NOT NULL REFERENCES approvals,
  approver_id text COLLATE "C" NOT NULL REFERENCES principals,
  time_ms     bigint NOT NULL,
  PRIMARY KEY (approval_id, approver_id)
);

-- Set once the groups of the escalation may vote.
ALTER TABLE approvals ADD escalated_at_ms bigint;
