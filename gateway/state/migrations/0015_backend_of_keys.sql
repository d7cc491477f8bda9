-- Which backend the key of a managed wallet is asked of, and which admin says that it was destroyed there by hand.
ALTER TABLE managed_wallets
  -- `type` of the template when the wallet was begun; null: a gateway of an older version began it, and nobody knows.
  ADD COLUMN backend         text COLLATE "C",
  ADD COLUMN key_note_by     text COLLATE "C" REFERENCES principals,
  ADD COLUMN key_note_reason text,
  ADD COLUMN key_note_at_ms  bigint,
  ADD CONSTRAINT managed_wallets_key_note CHECK (
    (key_note_by IS NULL) = (key_note_reason IS NULL) AND (key_note_by IS NULL) = (key_note_at_ms IS NULL)
    AND (key_note_by IS NULL OR state = 'DESTROYED'));
