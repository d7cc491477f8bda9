// Owns the section `signers`: one entry of any of these types each.
import * as z from 'zod';
import type { KeyPath } from '../problem.ts';
import type { SectionReader } from '../section-reader.ts';
import { type AwsKmsConfig, awsKmsSchema, resolveAwsKms } from './aws-kms.ts';
import { type FireblocksConfig, fireblocksSchema, resolveFireblocks } from './fireblocks.ts';
import { type GcpKmsConfig, gcpKmsSchema, resolveGcpKms } from './gcp-kms.ts';
import { type LocalKeypairConfig, localKeypairSchema, resolveLocalKeypair } from './local-keypair.ts';
import { type PrivyConfig, privySchema, resolvePrivy } from './privy.ts';
import { type RemoteConfig, remoteSchema, resolveRemote } from './remote.ts';
import { resolveTurnkey, type TurnkeyConfig, turnkeySchema } from './turnkey.ts';
import { resolveVaultTransit, type VaultTransitConfig, vaultTransitSchema } from './vault-transit.ts';

export const signerSchema = z.discriminatedUnion(
  'type',
  [
    awsKmsSchema,
    fireblocksSchema,
    gcpKmsSchema,
    localKeypairSchema,
    privySchema,
    remoteSchema,
    turnkeySchema,
    vaultTransitSchema,
  ],
  {
    error: 'must be aws-kms, fireblocks, gcp-kms, local-keypair, privy, remote, turnkey or vault-transit',
  },
);

export type SignerEntry = z.output<typeof signerSchema>;

export type SignerConfig =
  | AwsKmsConfig
  | FireblocksConfig
  | GcpKmsConfig
  | LocalKeypairConfig
  | PrivyConfig
  | RemoteConfig
  | TurnkeyConfig
  | VaultTransitConfig;

/** `undefined`, with a problem, where the entry cannot be used. */
export async function resolveSigner(
  reader: SectionReader,
  at: KeyPath,
  entry: SignerEntry,
): Promise<SignerConfig | undefined> {
  switch (entry.type) {
    case 'aws-kms':
      return resolveAwsKms(reader, at, entry);
    case 'fireblocks':
      return resolveFireblocks(reader, at, entry);
    case 'gcp-kms':
      return resolveGcpKms(reader, at, entry);
    case 'local-keypair':
      return resolveLocalKeypair(reader, at, entry);
    case 'privy':
      return resolvePrivy(reader, at, entry);
    case 'remote':
      return resolveRemote(reader, at, entry);
    case 'turnkey':
      return resolveTurnkey(reader, at, entry);
    case 'vault-transit':
      return resolveVaultTransit(reader, at, entry);
  }
}
