-- A managed wallet that was never finished may be destroyed too: then it never had an address.

ALTER TABLE managed_wallets
  DROP CONSTRAINT managed_wallets_check,
  DROP CONSTRAINT managed_wallets_check1,
  ADD CONSTRAINT managed_wallets_key CHECK ((address IS NULL) = (reference IS NULL)),
  ADD CONSTRAINT managed_wallets_key_of_state CHECK (state = 'DESTROYED' OR (state = 'CREATING') = (address IS NULL)),
  ADD CONSTRAINT managed_wallets_changed_in_state CHECK ((state = 'CREATING') = (changed_version IS NULL));
