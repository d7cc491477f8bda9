// Owns the one error of keystores.

/** What is wrong with a keystore, its file or its passphrase, and what would be right. Never holds key material or a passphrase. */
export class KeystoreError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'KeystoreError';
  }
}
