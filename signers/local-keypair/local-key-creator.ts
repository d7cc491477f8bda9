// Owns the creator of keys that this process makes itself: the record keeps each as a keystore, sealed by the passphrase.
import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import type { NamedSecret } from '../../net/named-secret.ts';
import { closableCreator } from '../closable-creator.ts';
import { KEY_BYTES } from '../ed25519-key.ts';
import type { CreatedKey, CreateResult, ExportResult, KeyCreator, KeyReference } from '../key-creator.ts';
import type { SignerCheck } from '../signer.ts';
import { keystoreOf, refuseShortPassphrase } from './create-keystore.ts';
import { KeystoreError } from './keystore-error.ts';
import { type KeystoreText, refuseMainnet, type SignedCluster, seedOf } from './local-keypair-signer.ts';

export interface LocalKeyCreatorOptions {
  /** Name of the template. */
  readonly name: string;
  readonly passphrase: NamedSecret;
  readonly cluster: SignedCluster;
  readonly allowExport: boolean;
  readonly allowImport: boolean;
  /** scrypt's N; default 2^17. Less is for tests. */
  readonly scryptCost?: number;
}

/**
 * Nothing keeps a key but its reference, so there is none to be found by its label: the same label again makes another key. The one before
 * was in no record, and nobody was told its address. For the same reason nothing can be destroyed: copies of the record still hold it.
 */
export function createLocalKeyCreator(options: LocalKeyCreatorOptions): KeyCreator {
  return closableCreator({
    backend: 'local-keypair',
    create: async () => {
      const seed = randomBytes(KEY_BYTES);
      try {
        return await sealedKey(options, seed);
      } finally {
        seed.fill(0);
      }
    },
    findBy: null,
    destroy: null,
    export: options.allowExport ? (key) => exportedSeed(options, key) : null,
    import: options.allowImport
      ? async (_label, seed) => {
          if (seed.length === KEY_BYTES) return sealedKey(options, seed);
          return refused(`the seed of an Ed25519 key has ${KEY_BYTES} bytes, not ${seed.length}`);
        }
      : null,
    check: () => checkPassphrase(options),
    close: () => undefined,
  });
}

const referenceSchema = z.strictObject({ keystore: z.string().min(1).max(65_536) });

/** `null`: the reference is none of a key that was made here. */
export function keystoreIn({ address, reference }: CreatedKey): KeystoreText | null {
  const parsed = referenceSchema.safeParse(reference);
  return parsed.success ? { text: parsed.data.keystore, what: `of ${address} in the record` } : null;
}

async function sealedKey(options: LocalKeyCreatorOptions, seed: Uint8Array): Promise<CreateResult> {
  return withPassphrase(options, async (passphrase) => {
    const { address, text } = await keystoreOf(seed, passphrase, options.scryptCost);
    const reference: KeyReference = { keystore: text };
    return { kind: 'created', key: { address, reference } };
  });
}

async function exportedSeed(options: LocalKeyCreatorOptions, key: CreatedKey): Promise<ExportResult> {
  const keystore = keystoreIn(key);
  if (keystore === null) return refused('what the record has of the key is no keystore');
  return withPassphrase(options, async (passphrase) => {
    const opened = await seedOf(keystore, passphrase);
    const seed = new Uint8Array(opened);
    opened.fill(0);
    return { kind: 'exported', seed };
  });
}

type Failure = Exclude<CreateResult, { readonly kind: 'created' }>;

/** What is wrong with the passphrase or the cluster can be put right in the configuration; a keystore that is none stays none. */
async function withPassphrase<T>(
  { name, passphrase, cluster }: LocalKeyCreatorOptions,
  use: (passphrase: string) => Promise<T>,
): Promise<T | Failure> {
  try {
    refuseMainnet(name, cluster);
    return await use(await read(passphrase));
  } catch (error) {
    if (!(error instanceof KeystoreError)) throw error;
    return error.about === 'keystore' ? refused(error.message) : { kind: 'unavailable', reason: error.message };
  }
}

async function checkPassphrase({ name, passphrase, cluster }: LocalKeyCreatorOptions): Promise<SignerCheck> {
  try {
    refuseMainnet(name, cluster);
    refuseShortPassphrase(await read(passphrase));
    return { kind: 'ready', detail: 'the passphrase is there' };
  } catch (error) {
    if (!(error instanceof KeystoreError)) throw error;
    const field = error.about === 'cluster' ? 'allow_mainnet' : passphrase.field;
    return { kind: 'failed', field: `signer.${field}`, reason: error.message };
  }
}

/** With the spaces around it: they count. */
async function read({ read: source, field }: NamedSecret): Promise<string> {
  return source().catch((error: unknown) => {
    throw new KeystoreError(`${field}: ${error instanceof Error ? error.message : 'it cannot be read'}`, 'passphrase');
  });
}

function refused(reason: string): Extract<Failure, { readonly kind: 'refused' }> {
  return { kind: 'refused', reason };
}
