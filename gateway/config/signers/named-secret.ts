// Owns the secrets of entries that name several: each in a file or an environment variable.
import type { KeyPath } from '../problem.ts';
import { resolveSecret, type SecretConfig } from '../resolve-secret.ts';
import type { SectionReader } from '../section-reader.ts';

/** `field`: key of the configuration that names it. */
export interface NamedSecretConfig {
  readonly secret: SecretConfig;
  readonly field: string;
}

type SecretEntry<Key extends string> = {
  readonly [key in `${Key}_file` | `${Key}_env`]?: string | undefined;
};

/** Of the keys `<key>_file` and `<key>_env`. `undefined`, with a problem, where there is none, or none that can be used. */
export async function resolveNamedSecret<Key extends string>(
  reader: SectionReader,
  at: KeyPath,
  key: Key,
  entry: SecretEntry<Key>,
): Promise<NamedSecretConfig | undefined> {
  const [file, variable] = [entry[`${key}_file`], entry[`${key}_env`]];
  const secret = await resolveSecret(reader, at, { key, file, variable });
  return secret && { secret, field: file === undefined ? `${key}_env` : `${key}_file` };
}
