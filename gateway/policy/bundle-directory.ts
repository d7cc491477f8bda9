// Owns the reading of a policy bundle from a directory in OPA's bundle format (openpolicyagent.org, "Bundle file format").
import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { contentDigest } from './content-digest.ts';

export const ENTRYPOINT = 'countersign/main/result';

const MEBIBYTE = 1024 * 1024;

/** Largest size of each file in bytes. */
const LARGEST = {
  '.manifest': MEBIBYTE,
  'data.json': 64 * MEBIBYTE,
  'policy.wasm': 32 * MEBIBYTE,
} as const;

type BundleFile = keyof typeof LARGEST;

const MANIFEST = z.object({
  revision: z.string().regex(/^[\x21-\x7e]{1,128}$/, 'must be 1 to 128 visible ASCII characters'),
  roots: z.tuple([z.literal('')], { error: 'must be [""]: the bundle owns all policy and data' }),
  wasm: z.tuple([z.object({ entrypoint: z.literal(ENTRYPOINT), module: z.literal('/policy.wasm') })], {
    error: `must name one module: entrypoint ${ENTRYPOINT} in /policy.wasm`,
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
}

/** Throws an Error that names the file and what is wrong with it. Signatures are not checked. */
export async function readBundleDirectory(directory: string): Promise<PolicyBundle> {
  await refuseDelta(directory);
  const manifest = MANIFEST.safeParse(
    parseObject(await readBundleFile(directory, '.manifest'), directory, '.manifest'),
  );
  if (!manifest.success) throw malformed(directory, '.manifest', z.prettifyError(manifest.error));
  const data = await readBundleFile(directory, 'data.json');
  parseObject(data, directory, 'data.json');
  const wasm = await readBundleFile(directory, 'policy.wasm');
  return { directory, revision: revisionOf(directory, manifest.data, contentDigest(wasm, data)), wasm, data };
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
    'policy.wasm or data.json is not what the bundle was built with; build it again',
  );
}

/** A delta bundle is patches to another one: what it would give is in no file, so nobody could have checked it. */
async function refuseDelta(directory: string): Promise<void> {
  const patch = await lstat(join(directory, 'patch.json')).catch(() => null);
  if (patch !== null) throw malformed(directory, 'patch.json', 'delta bundles are not accepted; build a whole one');
}

async function readBundleFile(directory: string, name: BundleFile): Promise<Uint8Array<ArrayBuffer>> {
  const file = await open(
    join(directory, name),
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  ).catch((error: unknown) => {
    throw malformed(directory, name, whyNotOpened(error));
  });
  try {
    const { size } = await requireFile(await file.stat(), directory, name);
    const bytes = new Uint8Array(size);
    let length = 0;
    while (length < size) {
      const { bytesRead } = await file.read(bytes, length, size - length, length);
      if (bytesRead === 0) throw malformed(directory, name, 'it became shorter while it was read');
      length += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

async function requireFile(
  stat: { isFile(): boolean; readonly size: number },
  directory: string,
  name: BundleFile,
): Promise<{ readonly size: number }> {
  if (!stat.isFile()) throw malformed(directory, name, 'it must be a regular file');
  if (stat.size === 0) throw malformed(directory, name, 'it is empty');
  if (stat.size > LARGEST[name]) {
    throw malformed(directory, name, `it has ${stat.size} bytes; at most ${LARGEST[name]} are read`);
  }
  return stat;
}

function whyNotOpened(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'there is no such file; build a bundle with scripts/build-policies.ts';
  if (code === 'ENOTDIR') return 'the bundle must be a directory';
  if (code === 'ELOOP') return 'symbolic links are not followed; it must be a regular file';
  return error instanceof Error ? error.message : String(error);
}

function parseObject(bytes: Uint8Array, directory: string, name: BundleFile): unknown {
  const value = parseText(bytes, directory, name);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed(directory, name, 'it must hold a JSON object');
  }
  return value;
}

function parseText(bytes: Uint8Array, directory: string, name: BundleFile): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw malformed(directory, name, `it is not JSON in UTF-8: ${error instanceof Error ? error.message : error}`);
  }
}

function malformed(directory: string, name: string, what: string): Error {
  return new Error(`policy bundle ${directory}: ${name}: ${what}`);
}
