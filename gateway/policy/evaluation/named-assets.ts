// Owns which tokens a bundle's data name: for people who read amounts of them.
import * as z from 'zod';
import type { NamedAsset } from '../policy-engine.ts';

const data = z.object({
  countersign: z.object({
    assets: z.record(z.string(), z.object({ symbol: z.string(), decimals: z.int().min(0).max(255) })),
  }),
});

/** By mint. None where the data have none, or of another shape: nothing is decided by them. */
export function namedAssetsIn(bytes: Uint8Array): ReadonlyMap<string, NamedAsset> {
  const result = data.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
  return new Map(result.success ? Object.entries(result.data.countersign.assets) : []);
}
