-- A request is found by a signature too: its wallet's, or the transaction's where somebody else pays the fee.
CREATE INDEX requests_wallet_signature ON requests (wallet_signature) WHERE wallet_signature IS NOT NULL;
CREATE INDEX requests_transaction_signature ON requests (transaction_signature)
  WHERE transaction_signature IS NOT NULL AND transaction_signature <> wallet_signature;
