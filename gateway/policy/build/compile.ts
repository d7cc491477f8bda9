// Owns the compiler: Rego and data go through `opa build`, and a WebAssembly module comes out.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { BundleFiles } from '../bundle/bundle.ts';
import { DATA_FILE, MANIFEST_FILE, MODULE_FILE } from '../bundle/bundle-parts.ts';
import { readArchive } from '../bundle/read-archive.ts';
import { ENTRYPOINT, EXPLANATION } from '../bundle/read-bundle.ts';
import { bytesOf, POLICIES } from './bundle-sources.ts';
import { runOpa } from './opa.ts';
import { madeOnce } from './opa-cache.ts';

export interface Compiled {
  readonly wasm: Uint8Array<ArrayBuffer>;
  /** As opa wrote it: the entrypoints, and the version of Rego. */
  readonly manifest: object;
}

/** `sources`: Rego, and data.json. Throws with what opa said where they are wrong. */
export async function compile(opa: string, sources: BundleFiles): Promise<Compiled> {
  const parts = new Map([...sources].filter(([path]) => path.endsWith('.rego') || path === DATA_FILE));
  const files = new Map([...parts, ['capabilities', await bytesOf(CAPABILITIES)]]);
  const archive = await madeOnce({ opa, args: ARGUMENTS, files }, () => opaBuild(opa, parts));
  const built = readArchive(archive, 'of opa build');
  const [wasm, manifest] = [built.get(MODULE_FILE), built.get(MANIFEST_FILE)];
  if (wasm === undefined || manifest === undefined) throw new Error('opa build made a bundle without a module');
  return { wasm, manifest: Object(JSON.parse(new TextDecoder().decode(manifest))) };
}

async function opaBuild(opa: string, parts: BundleFiles): Promise<Uint8Array<ArrayBuffer>> {
  const work = await mkdtemp(join(tmpdir(), 'countersign-policies-'));
  try {
    const directory = join(work, 'sources');
    await writeFiles(directory, parts);
    const archive = join(work, 'bundle.tar.gz');
    const place = ['--capabilities', CAPABILITIES, '--output', archive, '--bundle', '.'];
    await runOpa(opa, [...ARGUMENTS, ...place], directory);
    return await bytesOf(archive);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

const CAPABILITIES = join(POLICIES, 'capabilities.json');

/** Without optimization: with it, opa takes data that comes at run time for absent. */
const ARGUMENTS = [
  ...['build', '--target', 'wasm', '--optimize', '0', '--entrypoint', ENTRYPOINT, '--entrypoint', EXPLANATION],
];

/** Into a directory that is made for it. */
export async function writeFiles(directory: string, files: BundleFiles): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const path of new Set([...files.keys()].map((file) => dirname(file)))) {
    await mkdir(join(directory, path), { recursive: true });
  }
  await Promise.all([...files].map(([path, bytes]) => writeFile(join(directory, path), bytes)));
}
