// Owns what is stored of an API key's secret.
import { hash } from 'node:crypto';

/** SHA-256 over the 43 characters of the secret. A random secret of 256 bits needs no slow hash. */
export function secretHash(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}
