// Owns reading a secret that the configuration names: as it is now, or which key of the configuration is to be looked at.
import type { SecretSource } from './secret-source.ts';

export interface NamedSecret {
  /** Asked for each call, so that the secret can be rotated. */
  readonly read: SecretSource;
  /** Key of the configuration that it comes from. */
  readonly field: string;
}

/** Nothing can be sent without it. */
export interface NoSecret {
  readonly kind: 'no secret';
  readonly field: string;
  /** Free of secrets. */
  readonly reason: string;
}

/** Without white space around it. Never rejects. */
export async function readSecret({ read, field }: NamedSecret): Promise<string | NoSecret> {
  try {
    const text = (await read()).trim();
    return text === '' ? { kind: 'no secret', field, reason: 'the secret is empty' } : text;
  } catch (error) {
    return { kind: 'no secret', field, reason: error instanceof Error ? error.message : 'the secret cannot be read' };
  }
}

export type KeyReading<Key> = { readonly kind: 'key'; readonly key: Key } | NoSecret;

/** A key out of a secret, parsed once for each text that the secret is. `parse`: `null`: it is none; then `expected` says what is. */
export function keyReader<Key>(
  secret: NamedSecret,
  parse: (text: string) => Key | null,
  expected: string,
): () => Promise<KeyReading<Key>> {
  let last: { readonly text: string; readonly key: Key } | null = null;
  return async () => {
    const text = await readSecret(secret);
    if (typeof text !== 'string') return text;
    if (last?.text === text) return { kind: 'key', key: last.key };
    const key = parse(text);
    if (key === null) return { kind: 'no secret', field: secret.field, reason: expected };
    last = { text, key };
    return { kind: 'key', key };
  };
}
