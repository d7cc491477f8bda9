// Owns the `local-keypair` signer: a key in an encrypted file, for development; it refuses mainnet unless forced.
import { type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { base58FromBytes, privateKeyFromSeed, publicKeyBytes } from '../ed25519-key.ts';
import type { SignContext, Signer, SignResult } from '../signer.ts';
import { KeystoreError } from './keystore-error.ts';
import { parseKeystore, unsealSeed } from './keystore-file.ts';
import { readPrivateFile } from './private-file.ts';

const signInThread = promisify(sign);

const MAINNET_GENESIS_HASH = '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d';

/** The cluster that keys in this process are to sign for, as the cluster itself says, and whether they may for mainnet. */
export interface SignedCluster {
  readonly genesisHash: string;
  /** Sign for mainnet all the same. */
  readonly allowMainnet: boolean;
}

export interface LocalKeypairOptions {
  /** Name from the configuration. */
  readonly name: string;
  readonly keystorePath: string;
  readonly passphrase: string;
  /** The cluster that it will sign for, as the cluster itself says. */
  readonly cluster: { readonly genesisHash: string };
  /** Sign for mainnet all the same. */
  readonly allowMainnet: boolean;
}

/** The address that a keystore says in the clear, without its passphrase; `null`: it cannot be read. */
export async function keystoreAddress(keystorePath: string): Promise<string | null> {
  try {
    return parseKeystore(await readPrivateFile(keystorePath), keystorePath).address;
  } catch {
    return null;
  }
}

/** Decrypts the key into memory. Throws KeystoreError, without secrets, where it cannot or must not. */
export async function openLocalKeypairSigner(options: LocalKeypairOptions): Promise<Signer> {
  const { name, keystorePath, passphrase, cluster, allowMainnet } = options;
  refuseMainnet(name, { ...cluster, allowMainnet });
  return openKeystoreSigner(name, { text: await readPrivateFile(keystorePath), what: keystorePath }, passphrase);
}

/** Throws KeystoreError where local keys must not sign for this cluster. `name`: what they are of. */
export function refuseMainnet(name: string, { genesisHash, allowMainnet }: SignedCluster): void {
  if (genesisHash !== MAINNET_GENESIS_HASH || allowMainnet) return;
  throw new KeystoreError(
    `signer ${name}: a local keypair does not sign for mainnet. Use another signer there, or set allow_mainnet: true`,
    'cluster',
  );
}

export interface KeystoreText {
  readonly text: string;
  /** Where it is from, as people know it. */
  readonly what: string;
}

/** As `openLocalKeypairSigner`, of a keystore that was read. */
export async function openKeystoreSigner(name: string, keystore: KeystoreText, passphrase: string): Promise<Signer> {
  const seed = await seedOf(keystore, passphrase);
  const key = keyOf(seed);
  return signerOf(name, base58FromBytes(publicKeyBytes(key)), key);
}

/** The caller wipes it. Throws KeystoreError. */
export async function seedOf({ text, what }: KeystoreText, passphrase: string): Promise<Buffer> {
  const keystore = parseKeystore(text, what);
  const seed = await unsealSeed(keystore, passphrase, what);
  const address = base58FromBytes(publicKeyBytes(privateKeyFromSeed(seed)));
  if (address === keystore.address) return seed;
  seed.fill(0);
  throw new KeystoreError(`the keystore ${what} says ${keystore.address}, but holds the key of ${address}`);
}

/** Wipes the seed. What node:crypto holds from then on is wiped when the key is collected; see docs/signers/local-keypair.md. */
function keyOf(seed: Uint8Array): KeyObject {
  try {
    return privateKeyFromSeed(seed);
  } finally {
    seed.fill(0);
  }
}

function signerOf(name: string, address: string, opened: KeyObject): Signer {
  let key: KeyObject | null = opened;
  return {
    name,
    backend: 'local-keypair',
    address,
    custody: 'process',
    repeatable: true,
    sign: async (messageBytes, context) => signNow(key, messageBytes, context),
    check: async () =>
      key === null
        ? { kind: 'failed', field: null, reason: 'the signer is closed' }
        : { kind: 'ready', detail: 'the keystore is open' },
    close: async () => {
      key = null;
    },
  };
}

/** In a thread of its own, of a copy that is made before anything is awaited: the bytes cannot change under it. */
async function signNow(
  key: KeyObject | null,
  messageBytes: Uint8Array,
  { deadline, signal }: SignContext,
): Promise<SignResult> {
  if (key === null) return unavailable('the signer is closed');
  if (signal.aborted) return unavailable('the call was aborted before anything was signed');
  if (!(Date.now() < deadline)) return unavailable('the deadline passed before anything was signed');
  if (messageBytes.length === 0) return { kind: 'refused', reason: 'an empty message is never signed' };
  return { kind: 'signed', signature: await signInThread(null, messageBytes, key) };
}

function unavailable(reason: string): SignResult {
  return { kind: 'unavailable', reason, ambiguous: false };
}
