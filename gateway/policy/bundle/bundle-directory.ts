// Owns the reading of a policy bundle from a directory in OPA's bundle format (openpolicyagent.org, "Bundle file format").
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { malformed, parseBundleJson, readBundleFile } from './bundle-file.ts';
import { contentDigest } from './content-digest.ts';
import { type IdlFile, readIdlFiles } from './idl-files.ts';

export const ENTRYPOINT = 'countersign/main/result';
/** What each rule said; decides nothing. A bundle may be without it. */
export const EXPLANATION = 'countersign/main/explanation';

const MEBIBYTE = 1024 * 1024;

/** Largest size of each file in bytes. */
const LARGEST = {
  '.manifest': MEBIBYTE,
  'data.json': 64 * MEBIBYTE,
  'policy.wasm': 32 * MEBIBYTE,
} as const;

type BundleFile = keyof typeof LARGEST;

const entrypoint = <T extends string>(name: T) =>
  z.object({ entrypoint: z.literal(name), module: z.literal('/policy.wasm') });

const MANIFEST = z.object({
  revision: z.string().regex(/^[\x21-\x7e]{1,128}$/, 'must be 1 to 128 visible ASCII characters'),
  roots: z.tuple([z.literal('')], { error: 'must be [""]: the bundle owns all policy and data' }),
  wasm: z.tuple([entrypoint(ENTRYPOINT)], entrypoint(EXPLANATION), {
    error: `must name one module: entrypoint ${ENTRYPOINT} in /policy.wasm, and perhaps ${EXPLANATION}`,
  }),
  metadata: z.object({ countersign: z.object({ content_sha256: z.string() }).optional() }).optional(),
});

export interface PolicyBundle {
  readonly directory: string;
  readonly revision: string;
  /** Bytes of the WebAssembly module. */
  readonly wasm: Uint8Array<ArrayBuffer>;
  /** JSON text of the data document, UTF-8: an object. */
  readonly data: Uint8Array<ArrayBuffer>;
  /** Descriptions of programs, as files: nobody has read them yet. */
  readonly idls: readonly IdlFile[];
}

/** Throws an Error that names the file and what is wrong with it. Signatures are not checked. */
export async function readBundleDirectory(directory: string): Promise<PolicyBundle> {
  await refuseDelta(directory);
  const manifest = MANIFEST.safeParse(parseObject(await readFile(directory, '.manifest'), directory, '.manifest'));
  if (!manifest.success) throw malformed(directory, '.manifest', z.prettifyError(manifest.error));
  const data = await readFile(directory, 'data.json');
  parseObject(data, directory, 'data.json');
  const wasm = await readFile(directory, 'policy.wasm');
  const idls = await readIdlFiles(directory);
  const revision = revisionOf(directory, manifest.data, contentDigest(wasm, data, idls));
  return { directory, revision, wasm, data, idls };
}

/**
 * A revision names one content. Where the manifest says what that hashes to, it must be so; where it does not (a bundle of plain
 * `opa build`), the hash becomes part of the revision.
 */
function revisionOf(directory: string, { revision, metadata }: z.infer<typeof MANIFEST>, digest: string): string {
  const promised = metadata?.countersign?.content_sha256;
  if (promised === undefined) return `${revision}.${digest.slice(0, 16)}`;
  if (promised === digest) return revision;
  throw malformed(
    directory,
    '.manifest',
    'policy.wasm, data.json or an IDL is not what the bundle was built with; build it again',
  );
}

/** A delta bundle is patches to another one: what it would give is in no file, so nobody could have checked it. */
async function refuseDelta(directory: string): Promise<void> {
  const patch = await lstat(join(directory, 'patch.json')).catch(() => null);
  if (patch !== null) throw malformed(directory, 'patch.json', 'delta bundles are not accepted; build a whole one');
}

function readFile(directory: string, name: BundleFile): Promise<Uint8Array<ArrayBuffer>> {
  return readBundleFile(directory, name, LARGEST[name]);
}

function parseObject(bytes: Uint8Array, directory: string, name: BundleFile): unknown {
  const value = parseBundleJson(bytes, directory, name);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed(directory, name, 'it must hold a JSON object');
  }
  return value;
}
