// Owns how a policy bundle is built: library, rules and policy data go through opa into a bundle in OPA's format.
import { resolve } from 'node:path';
import type { CanonicalValue } from '../../core/canonical-json.ts';
import { canonicalJsonBytes } from '../../core/canonical-json.ts';
import type { BundleFiles } from '../bundle/bundle.ts';
import { DATA_FILE, DATA_SCHEMA_FILE, MANIFEST_FILE, MODULE_FILE } from '../bundle/bundle-parts.ts';
import { bundleData, DATA_ROOT, readDataFile, refuseContradictions } from './bundle-data.ts';
import { type Files, idlFiles, LIBRARY, regoFiles } from './bundle-sources.ts';
import { compile } from './compile.ts';
import { dataText } from './data-problems.ts';
import { contentRevision, manifestOf, type Origin } from './manifest.ts';
import { patternProblems } from './message-patterns.ts';
import { findOpa } from './opa.ts';
import { packagesOf, refuseIntrusion, rulesIn } from './packages.ts';
import { dataSchema } from './settings-schemas.ts';
import type { SourceFile } from './source-places.ts';
import type { SourceValue } from './source-value.ts';
import { requireBundlePlace, writeBundle } from './write-bundle.ts';

export interface SourcesRequest extends Origin {
  /** File whose content becomes `data.countersign`: `{"agents": …, "assets": …}`, JSON, or YAML by its name. */
  readonly dataFile?: string;
  /** The same as a value, instead of a file. */
  readonly data?: CanonicalValue;
  /** The opa program; found by itself where it is not given. */
  readonly opa?: string;
  /** By default a hash of all that is in the bundle. */
  readonly revision?: string;
  /** A directory of further Rego packages, for example rules of your own under countersign.rules. */
  readonly rules?: string;
  /** A directory of schemas of the settings of those rules, `<rule>.json`. A rule without one has no settings. */
  readonly schemas?: string;
  /** A directory of IDLs, `<program id>.json`: their programs' instructions stand in the policy input by name. */
  readonly idls?: string;
}

export interface BundleRequest extends SourcesRequest {
  /** Replaced whole, and only once the new bundle stands. */
  readonly outDir: string;
}

export interface Built {
  readonly revision: string;
  readonly files: BundleFiles;
}

/** Builds the bundle; throws with what opa said where policy or data is wrong, and then leaves `outDir` as it was. */
export async function buildBundle({ outDir, ...request }: BundleRequest): Promise<{ readonly revision: string }> {
  await requireBundlePlace(outDir);
  const { revision, files } = await buildFiles(request);
  await writeBundle(files, resolve(outDir));
  return { revision };
}

/** The same into memory. */
export async function buildFiles(request: SourcesRequest): Promise<Built> {
  const { rules, idls, schemas, opa, revision, gitCommit, builtAt } = request;
  return buildFrom({
    data: await sourceData(request),
    rules: rules === undefined ? new Map() : await regoFiles(resolve(rules), 'rules'),
    schemas: schemas === undefined ? null : resolve(schemas),
    carried: idls === undefined ? new Map() : await idlFiles(resolve(idls)),
    ...(opa === undefined ? {} : { opa }),
    ...(revision === undefined ? {} : { revision }),
    ...(gitCommit === undefined ? {} : { gitCommit }),
    ...(builtAt === undefined ? {} : { builtAt }),
  });
}

export interface BundleSources extends Origin {
  readonly data: SourceValue;
  /** What the data were read from, where people wrote them as files. */
  readonly dataFiles?: readonly SourceFile[];
  /** Rego of one's own, without tests. */
  readonly rules: Files;
  /** Directory of the schemas of their settings; `null`: they have none. */
  readonly schemas: string | null;
  /** Files that stand in the bundle as they are: IDLs and fixtures. */
  readonly carried: Files;
  readonly opa?: string;
  readonly revision?: string;
}

export async function buildFrom(sources: BundleSources): Promise<Built> {
  const opa = sources.opa ?? findOpa();
  const library = await regoFiles(LIBRARY, 'countersign');
  const [theirs, own] = await Promise.all([packagesOf(opa, library), packagesOf(opa, sources.rules)]);
  refuseIntrusion(theirs, own);
  const rego: Files = new Map([...library, ...sources.rules]);
  const schema = await dataSchema(rulesIn(new Map([...theirs, ...own])), sources.schemas);
  const value = bundleData(sources.data, schema, sources.dataFiles);
  refuseContradictions(await patternProblems(opa, value, DATA_ROOT), sources.dataFiles);
  const data = new TextEncoder().encode(dataText(value));
  const { wasm, manifest } = await compile(opa, new Map([...rego, [DATA_FILE, outline(value)]]));
  const files: Files = new Map([
    ...rego,
    ...sources.carried,
    [DATA_FILE, data],
    [DATA_SCHEMA_FILE, new Uint8Array(canonicalJsonBytes(schema))],
    [MODULE_FILE, wasm],
  ]);
  const revision = sources.revision ?? contentRevision(files);
  files.set(MANIFEST_FILE, manifestOf(files, manifest, revision, sources));
  return { revision, files };
}

/**
 * What the compiler sees of the data: which documents there are, lest a rule has the name of one. The module does not depend on what is in
 * them, so that another limit is no other module.
 */
function outline(data: CanonicalValue): Uint8Array<ArrayBuffer> {
  const names = Object.keys(Object(data)).sort();
  return new TextEncoder().encode(dataText(Object.fromEntries(names.map((name) => [name, {}]))));
}

async function sourceData({ dataFile, data }: SourcesRequest): Promise<SourceValue> {
  if (dataFile !== undefined && data === undefined) return readDataFile(dataFile);
  if (data !== undefined && dataFile === undefined) return data;
  throw new Error('policy data is needed, either as a file or as a value');
}
