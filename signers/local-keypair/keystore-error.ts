// Owns the one error of keystores.

/** What is wrong with a keystore, its file or its passphrase, and what would be right. Never holds key material or a passphrase. */
export class KeystoreError extends Error {
  /** What is to be looked at. */
  readonly about: 'keystore' | 'passphrase' | 'cluster';

  constructor(message: string, about: 'keystore' | 'passphrase' | 'cluster' = 'keystore') {
    super(message);
    this.name = 'KeystoreError';
    this.about = about;
  }
}
