// Owns the reading of secrets that the configuration names: a file is read again once it has changed.
import { readFile, stat } from 'node:fs/promises';
import type { NamedSecret } from '../../net/named-secret.ts';
import type { SecretSource } from '../../net/secret-source.ts';
import { readSecretFile } from '../config/file-checks.ts';
import type { SecretConfig } from '../config/resolve-secret.ts';
import type { NamedSecretConfig } from '../config/signers/named-secret.ts';

export function secretSource(config: SecretConfig): SecretSource {
  return config.kind === 'value' ? async () => config.secret.reveal() : fileSource(config.path);
}

export function namedSecret({ secret, field }: NamedSecretConfig): NamedSecret {
  return { read: secretSource(secret), field };
}

/** A file that something else writes and sets the rights of, such as the token that Kubernetes gives a service account. */
export function foreignFileSource(path: string): SecretSource {
  return async () => {
    try {
      return await readFile(path, 'utf8');
    } catch {
      throw new Error(`${path}: it cannot be read`);
    }
  };
}

function fileSource(path: string): SecretSource {
  let last: { readonly version: string; readonly text: string } | null = null;
  return async () => {
    const version = await versionOf(path);
    if (last?.version === version) return last.text;
    const read = await readSecretFile(path);
    if (read.kind !== 'read') throw new Error(`${path}: ${read.message}`);
    last = { version, text: read.text };
    return read.text;
  };
}

async function versionOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs } = await stat(path, { bigint: true });
    return `${ino}:${size}:${mtimeNs}`;
  } catch {
    throw new Error(`${path}: it cannot be read`);
  }
}
