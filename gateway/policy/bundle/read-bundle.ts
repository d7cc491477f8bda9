// Owns what a policy bundle says: its files read as a manifest, a module, data, descriptions and expectations (openpolicyagent.org,
// "Bundle file format").
import { z } from 'zod';
import type { BundleFiles, PolicyBundle } from './bundle.ts';
import { DATA_FILE, DATA_SCHEMA_FILE, MANIFEST_FILE, MODULE_FILE, pathProblem } from './bundle-parts.ts';
import { contentDigest } from './content-digest.ts';
import { fixtureFilesIn } from './fixture-files.ts';
import { idlFilesIn } from './idl-files.ts';
import { malformed, parseBundleObject } from './malformed.ts';

export const ENTRYPOINT = 'countersign/main/result';
/** What each rule said; decides nothing. A bundle may be without it. */
export const EXPLANATION = 'countersign/main/explanation';

/** What this gateway reads and judges. */
const FORMAT = 1;
const INPUT_VERSION = 1;

const THIS_MUCH = (what: string, own: number) => `this gateway knows ${what} ${own}; a newer one is needed for another`;

const METADATA = z.object({
  format: z.literal(FORMAT, THIS_MUCH('bundle format', FORMAT)).optional(),
  input_version: z.literal(INPUT_VERSION, THIS_MUCH('input version', INPUT_VERSION)).optional(),
  content_sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits'),
  built_at: z.iso.datetime({ offset: true, error: 'must be a time such as 2026-11-21T07:20:00Z' }).optional(),
  git_commit: z
    .string()
    .regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, 'must be 40 or 64 hex digits')
    .optional(),
});

const MANIFEST = z.object({
  revision: z.string().regex(/^[\x21-\x7e]{1,128}$/, 'must be 1 to 128 visible ASCII characters'),
  roots: z.tuple([z.literal('')], { error: 'must be [""]: the bundle owns all policy and data' }),
  wasm: z
    .array(z.object({ entrypoint: z.enum([ENTRYPOINT, EXPLANATION]), module: z.literal(`/${MODULE_FILE}`) }))
    .refine(
      (modules) => {
        const names = modules.map(({ entrypoint }) => entrypoint);
        return names.includes(ENTRYPOINT) && new Set(names).size === names.length;
      },
      { error: `must name one module: entrypoint ${ENTRYPOINT} in /${MODULE_FILE}, and perhaps ${EXPLANATION}` },
    ),
  metadata: z.object({ countersign: METADATA.optional() }).optional(),
});

type Manifest = z.infer<typeof MANIFEST>;

/** Throws an Error that names the file and what is wrong with it. Signatures are not checked, nor whether the module runs. */
export function readBundle(files: BundleFiles, label: string): PolicyBundle {
  for (const path of files.keys()) {
    const problem = pathProblem(path);
    if (problem !== null) throw malformed(label, path, problem);
  }
  const manifest = readManifest(files, label);
  const wasm = required(files, label, MODULE_FILE);
  const data = required(files, label, DATA_FILE);
  parseBundleObject(data, label, DATA_FILE);
  const idls = idlFilesIn(files, label);
  const sealed = manifest.metadata?.countersign;
  return {
    label,
    revision: revisionOf(label, manifest, contentDigest(wasm, data, idls)),
    builtAt: sealed?.built_at === undefined ? null : Date.parse(sealed.built_at),
    gitCommit: sealed?.git_commit ?? null,
    explains: manifest.wasm.some(({ entrypoint }) => entrypoint === EXPLANATION),
    wasm,
    data,
    dataSchema: dataSchemaIn(files, label),
    idls,
    fixtures: fixtureFilesIn(files, label),
  };
}

function readManifest(files: BundleFiles, label: string): Manifest {
  const manifest = MANIFEST.safeParse(parseBundleObject(required(files, label, MANIFEST_FILE), label, MANIFEST_FILE));
  if (!manifest.success) throw malformed(label, MANIFEST_FILE, z.prettifyError(manifest.error));
  return manifest.data;
}

function required(files: BundleFiles, label: string, path: string): Uint8Array<ArrayBuffer> {
  const bytes = files.get(path);
  if (bytes === undefined) {
    throw malformed(label, path, 'there is no such file; build the bundle with `countersign policy build`');
  }
  if (bytes.length === 0) throw malformed(label, path, 'it is empty');
  return bytes;
}

function dataSchemaIn(files: BundleFiles, label: string): Uint8Array<ArrayBuffer> | null {
  const schema = files.get(DATA_SCHEMA_FILE);
  if (schema === undefined) return null;
  parseBundleObject(schema, label, DATA_SCHEMA_FILE);
  return schema;
}

/**
 * A revision names one content. Where the manifest says what that hashes to, it must be so; where it does not (a bundle of plain
 * `opa build`), the hash becomes part of the revision.
 */
function revisionOf(label: string, { revision, metadata }: Manifest, digest: string): string {
  const promised = metadata?.countersign?.content_sha256;
  if (promised === undefined) return `${revision}.${digest.slice(0, 16)}`;
  if (promised === digest) return revision;
  throw malformed(
    label,
    MANIFEST_FILE,
    'policy.wasm, data.json or an IDL is not what the bundle was built with; build it again',
  );
}
