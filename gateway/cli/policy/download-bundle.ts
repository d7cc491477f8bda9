// Owns the download of a bundle from a gateway: all of it, or nothing.
import { PolicyService } from '../../../proto/gen/countersign/v1/policy_pb.ts';
import type { Connection } from '../connection.ts';

export async function downloadBundle(gateway: Connection, revision: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const { chunk } of gateway.stream(PolicyService.method.downloadBundle, { revision })) chunks.push(chunk);
  return Buffer.concat(chunks);
}
