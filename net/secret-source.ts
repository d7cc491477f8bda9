// Owns how backends get at a secret that may be rotated while they run.

/** The secret as it is now. Rejects, without any secret in the text, where it cannot be read. */
export type SecretSource = () => Promise<string>;
