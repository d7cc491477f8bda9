// Owns the `rpc` entry of the relayers.
import * as z from 'zod';
import type { KeyPath } from '../problem.ts';
import { name, path, text } from '../schema-parts.ts';
import type { Secret } from '../secret.ts';
import type { SectionReader } from '../section-reader.ts';
import { RPC_URL, resolveUrl } from '../url-secrets.ts';

export const rpcRelayerSchema = z.strictObject({
  name: name.describe('What wallets call it.'),
  type: z.literal('rpc').describe('A Solana JSON-RPC node.'),
  url: text.optional().describe('URL of the node. This or `url_file`.'),
  url_file: path.optional().describe('File that holds the URL, for one with a key in it.'),
  skip_preflight: z.boolean().default(false).describe('Let the node send without simulating first.'),
});

export interface RpcRelayerConfig {
  readonly kind: 'rpc';
  readonly name: string;
  /** Secret, because providers put keys into it. */
  readonly url: Secret;
  readonly skipPreflight: boolean;
}

export async function resolveRpcRelayer(
  reader: SectionReader,
  at: KeyPath,
  { name: called, url, url_file, skip_preflight }: z.output<typeof rpcRelayerSchema>,
): Promise<RpcRelayerConfig | undefined> {
  const secret = await resolveUrl(reader, RPC_URL, { at, key: 'url', value: url, file: url_file });
  return secret === undefined ? undefined : { kind: 'rpc', name: called, url: secret, skipPreflight: skip_preflight };
}
