-- Wallets whose keys were made through the gateway, and what admins propose to do with those keys.

-- One that is ACTIVE has its row in `wallets` too: agents are bound to that. A row stays, so that its id and its key are of one wallet for ever.
CREATE TABLE managed_wallets (
  wallet_id            text COLLATE "C" PRIMARY KEY,
  -- Name from the configuration.
  template             text COLLATE "C" NOT NULL,
  state                text NOT NULL CHECK (state IN ('CREATING', 'ACTIVE', 'DESTROYED')),
  -- What its key is called at the backend.
  label                text COLLATE "C" NOT NULL,
  address              text COLLATE "C",
  -- What a signer of the backend needs to find the key.
  reference            json,
  -- The proposal to import its key; null: the backend made it. References wallet_proposals.
  proposal_id          text COLLATE "C",
  created_by           text COLLATE "C" NOT NULL REFERENCES principals,
  created_at_ms        bigint NOT NULL DEFAULT clock_ms(),
  -- The version of the controls with which gateways learn of its last change; null: nothing of it concerns them yet.
  changed_version      bigint,
  destroyed_at_ms      bigint,
  key_destroyed_detail text,
  CHECK ((state = 'CREATING') = (address IS NULL)),
  CHECK ((address IS NULL) = (reference IS NULL) AND (address IS NULL) = (changed_version IS NULL)),
  CHECK ((state = 'DESTROYED') = (destroyed_at_ms IS NOT NULL)),
  CHECK (key_destroyed_detail IS NULL OR state = 'DESTROYED')
);
CREATE UNIQUE INDEX managed_wallets_label ON managed_wallets (label);
CREATE UNIQUE INDEX managed_wallets_address ON managed_wallets (address);
CREATE INDEX managed_wallets_changed ON managed_wallets (changed_version);
CREATE INDEX managed_wallets_template ON managed_wallets (template) WHERE state <> 'DESTROYED';

-- Never changes but for its votes and for when it was carried out.
CREATE TABLE wallet_proposals (
  proposal_id       text COLLATE "C" PRIMARY KEY,
  -- Order of creation.
  position          bigint GENERATED ALWAYS AS IDENTITY,
  wallet_id         text COLLATE "C" NOT NULL,
  -- With what is voted for besides the wallet: `action`, and what belongs to it.
  terms             json NOT NULL,
  reason            text NOT NULL,
  proposed_by       text COLLATE "C" NOT NULL REFERENCES principals,
  proposed_at_ms    bigint NOT NULL,
  expires_at_ms     bigint NOT NULL CHECK (expires_at_ms > proposed_at_ms),
  carried_out_at_ms bigint
);
CREATE UNIQUE INDEX wallet_proposals_position ON wallet_proposals (position);
ALTER TABLE managed_wallets ADD FOREIGN KEY (proposal_id) REFERENCES wallet_proposals;

CREATE TABLE wallet_proposal_votes (
  proposal_id text COLLATE "C" NOT NULL REFERENCES wallet_proposals,
  operator_id text COLLATE "C" NOT NULL REFERENCES principals,
  reason      text NOT NULL,
  time_ms     bigint NOT NULL DEFAULT clock_ms(),
  PRIMARY KEY (proposal_id, operator_id)
);

-- Gateways of an older version take every wallet that their configuration does not name for retired, and know of no key that is taken.
CREATE FUNCTION keep_managed_wallet() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  managed managed_wallets%ROWTYPE;
BEGIN
  SELECT * INTO managed FROM managed_wallets m WHERE m.wallet_id = new.wallet_id;
  IF TG_OP = 'UPDATE' THEN
    CASE managed.state
      WHEN 'ACTIVE' THEN new.retired_at_ms := NULL;
      WHEN 'DESTROYED' THEN new.retired_at_ms := coalesce(new.retired_at_ms, old.retired_at_ms, managed.destroyed_at_ms);
      ELSE NULL;
    END CASE;
    RETURN new;
  END IF;
  -- Its row in `wallets` is made once, by whoever made it active.
  IF managed.wallet_id IS NOT NULL
      AND (managed.state <> 'ACTIVE' OR EXISTS (SELECT FROM wallets w WHERE w.wallet_id = new.wallet_id)) THEN
    RAISE EXCEPTION 'the wallet % was made through the gateway', new.wallet_id USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF EXISTS (SELECT FROM managed_wallets m WHERE m.address = new.address AND m.wallet_id <> new.wallet_id) THEN
    RAISE EXCEPTION 'the key of the wallet % is that of one that was made through the gateway', new.wallet_id
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN new;
END $$;
CREATE TRIGGER wallets_managed BEFORE INSERT OR UPDATE ON wallets FOR EACH ROW EXECUTE FUNCTION keep_managed_wallet();

-- A gateway that has not yet seen that a wallet is destroyed signs nothing with it as long as it is frozen: so it stays frozen.
CREATE FUNCTION keep_freeze_of_destroyed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM managed_wallets m WHERE m.wallet_id = old.target AND m.state = 'DESTROYED') THEN
    RAISE EXCEPTION 'the wallet % is destroyed: its freeze stays', old.target USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN new;
END $$;
CREATE TRIGGER freezes_of_destroyed BEFORE UPDATE ON freezes
  FOR EACH ROW WHEN (old.scope = 'wallet' AND new.lifted_at_ms IS NOT NULL) EXECUTE FUNCTION keep_freeze_of_destroyed();
