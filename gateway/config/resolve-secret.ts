// Owns secrets that a file or an environment variable holds, and that the configuration only names.
import type { KeyPath } from './problem.ts';
import { Secret } from './secret.ts';
import type { SectionReader } from './section-reader.ts';

/** A file is read again when it changes, so that a secret can be rotated without a restart. */
export type SecretConfig =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'value'; readonly secret: Secret };

export interface SecretKeys {
  /** The keys are `<key>_file` and `<key>_env`. */
  readonly key: string;
  readonly file: string | undefined;
  readonly variable: string | undefined;
}

/** `undefined`, with a problem, where there is none, or none that can be used. */
export async function resolveSecret(
  reader: SectionReader,
  at: KeyPath,
  { key, file, variable }: SecretKeys,
): Promise<SecretConfig | undefined> {
  const [fileKey, variableKey] = [`${key}_file`, `${key}_env`];
  if (file !== undefined && variable !== undefined) {
    return reader.refuse([...at, fileKey], `give ${fileKey} or ${variableKey}, not both`);
  }
  if (file !== undefined) {
    const path = [...at, fileKey];
    const read = await reader.secretFrom(path, file);
    return read === undefined ? undefined : { kind: 'file', path: reader.absolute(path, file) };
  }
  if (variable === undefined) return reader.refuse(at, `needs ${fileKey} or ${variableKey}`);
  const value = reader.env[variable];
  if (value) return { kind: 'value', secret: new Secret(value) };
  return reader.lacks([...at, variableKey], `the environment variable ${variable} is not set; it is read at the start`);
}
