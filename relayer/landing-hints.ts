// Owns the contract of hints that a transaction has landed: heard where one can, relied upon nowhere.

export interface LandingHints {
  /** Calls back once when a node says that the transaction is confirmed, or never. Listens for a minute or two. */
  listen(signature: string, heard: () => void): void;
  close(): void;
}
