// Owns how a policy bundle is built: library and policy data go through opa into a directory in OPA's bundle format.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, glob, mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { type CanonicalValue, canonicalJson } from '../gateway/core/canonical-json.ts';
import { parseJson } from '../gateway/core/decision/json-value.ts';
import { contentDigest } from '../gateway/policy/bundle/content-digest.ts';
import { describePrograms, IDL_DIRECTORY, idlFilesIn } from '../gateway/policy/bundle/idl-files.ts';
import { readDirectoryFiles } from '../gateway/policy/bundle/read-directory.ts';
import { findOpa, PROJECT, runOpa } from './policies/opa.ts';
import { schemaProblems } from './policies/schema-problems.ts';

const ENTRYPOINT = 'countersign/main/result';
const POLICIES = join(PROJECT, 'policies');
const execute = promisify(execFile);

export interface BundleRequest {
  /** JSON file whose content becomes `data.countersign`: `{"agents": …}`, as policies/schema/data.json says. */
  readonly dataFile?: string;
  /** The same as a value, instead of a file. */
  readonly data?: CanonicalValue;
  /** Replaced whole, and only once the new bundle stands. */
  readonly outDir: string;
  /** The opa program; found by itself where it is not given. */
  readonly opa?: string;
  /** By default a hash of the sources, the data and the version of opa. */
  readonly revision?: string;
  /** A directory of further Rego packages, for example rules of your own under countersign.rules. */
  readonly rules?: string;
  /** A directory of IDLs, `<program id>.json`: their programs' instructions stand in the policy input by name. */
  readonly idls?: string;
}

/** Builds the bundle; throws with what opa said where policy or data is wrong, and then leaves `outDir` as it was. */
export async function buildBundle(request: BundleRequest): Promise<{ readonly revision: string }> {
  const opa = request.opa ?? findOpa();
  await requireBundlePlace(request.outDir);
  const work = await mkdtemp(join(tmpdir(), 'countersign-policies-'));
  try {
    const sources = join(work, 'sources');
    await copySources(join(POLICIES, 'countersign'), join(sources, 'countersign'));
    if (request.rules !== undefined) await copySources(resolve(request.rules), join(sources, 'rules'));
    if (request.idls !== undefined) await copyIdls(resolve(request.idls), sources);
    await writeFile(join(sources, 'data.json'), `{"countersign":${await dataText(request)}}`);
    await checkData(opa, join(sources, 'data.json'));
    await checkRuleNames(sources);
    const revision = request.revision ?? (await contentRevision(opa, sources));
    const bundle = await compile(opa, work, sources, revision);
    await replace(bundle, resolve(request.outDir));
    return { revision };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function copySources(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for await (const file of glob('**/*.rego', { cwd: from })) {
    if (!file.endsWith('_test.rego')) await cp(join(from, file), join(to, file));
  }
}

/** Held to all that the gateway asks of them, so that no bundle is built that it would refuse. */
async function copyIdls(from: string, sources: string): Promise<void> {
  const found = await stat(from).catch(() => null);
  if (found === null || !found.isDirectory()) throw new Error(`IDLs of ${from}: there is no such directory`);
  await cp(await realpath(from), join(sources, IDL_DIRECTORY), { recursive: true, verbatimSymlinks: true });
  try {
    describePrograms(sources, idlFilesIn(await readDirectoryFiles(sources), sources));
  } catch (error) {
    throwFor(from, sources, error);
  }
}

/** Names the directory that the person gave, not the copy of it. */
function throwFor(from: string, copy: string, error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  throw new Error(message.replaceAll(`policy bundle ${copy}: `, `IDLs of ${from}: `));
}

async function dataText({ dataFile, data }: BundleRequest): Promise<string> {
  if (dataFile !== undefined && data === undefined) return canonicalJson(await readData(dataFile));
  if (data !== undefined && dataFile === undefined) return canonicalJson(data);
  throw new Error('policy data is needed, either as a file or as a value');
}

async function readData(file: string): Promise<CanonicalValue> {
  const text = await readFile(file, 'utf8');
  try {
    return parseJson(text);
  } catch (error) {
    throw new Error(`the policy data in ${file} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}

/** A mistyped key would silently permit less, or ask less; so data must fit its schema in every part. */
async function checkData(opa: string, file: string): Promise<void> {
  const schema = join(POLICIES, 'schema', 'data.json');
  const problems = await schemaProblems(opa, { file, path: 'data.countersign' }, schema);
  if (problems.length > 0) {
    throw new Error(`the policy data does not fit policies/schema/data.json:\n${problems.join('\n')}`);
  }
}

/** What is there is replaced whole: only a bundle, an empty directory or nothing may be. */
async function requireBundlePlace(outDir: string): Promise<void> {
  const found = await readdir(outDir).catch((error: unknown): string[] => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  if (found.length > 0 && !found.includes('.manifest')) {
    throw new Error(`${outDir} holds something that is no policy bundle, and would be replaced; name a new directory`);
  }
}

/** A rule that is enabled and not there denies everything: said here, not by the first payment. */
async function checkRuleNames(sources: string): Promise<void> {
  const rules = new Set<string>();
  for await (const file of glob('**/*.rego', { cwd: sources })) {
    const text = await readFile(join(sources, file), 'utf8');
    const name = /^package\s+countersign\.rules\.(\w+)\s*$/m.exec(text)?.[1];
    if (name !== undefined) rules.add(name);
  }
  const problems: string[] = [];
  for (const { path, name } of enabledRules(parseJson(await readFile(join(sources, 'data.json'), 'utf8')))) {
    if (!rules.has(name))
      problems.push(`${path}: there is no rule ${name}; there are: ${[...rules].sort().join(', ')}`);
  }
  if (problems.length > 0) throw new Error(`the policy data enables rules that are not there:\n${problems.join('\n')}`);
}

/** The data fits its schema here, so what is no text is not looked at. */
function* enabledRules(
  value: CanonicalValue,
  path = 'data',
): Generator<{ readonly path: string; readonly name: string }> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    if (key === 'enabled' && Array.isArray(item)) {
      for (const name of item) if (typeof name === 'string') yield { path: `${path}.enabled`, name };
    } else {
      yield* enabledRules(item, `${path}.${key}`);
    }
  }
}

async function contentRevision(opa: string, sources: string): Promise<string> {
  const hash = createHash('sha256').update(await runOpa(opa, ['version']));
  const files = (await Array.fromAsync(glob('**/*.{rego,json}', { cwd: sources }))).sort();
  for (const file of files) {
    const content = createHash('sha256').update(await readFile(join(sources, file)));
    hash.update(`${file}\0${content.digest('hex')}\n`);
  }
  return hash.digest('hex').slice(0, 32);
}

/** Without optimization: with it, opa takes data that comes at run time for absent. */
async function compile(opa: string, work: string, sources: string, revision: string): Promise<string> {
  const archive = join(work, 'bundle.tar.gz');
  const capabilities = join(POLICIES, 'capabilities.json');
  await runOpa(
    opa,
    [
      ...['build', '--target', 'wasm', '--optimize', '0', '--entrypoint', ENTRYPOINT],
      ...['--capabilities', capabilities, '--revision', revision, '--output', archive, '--bundle', '.'],
    ],
    sources,
  );
  const bundle = join(work, 'bundle');
  await mkdir(bundle);
  await execute('tar', ['-xzf', archive, '-C', bundle, '/policy.wasm', '/data.json', '/.manifest']);
  // opa takes the entrypoint out of the sources that it packs; ours stay whole, so that the bundle can be read and replayed.
  await cp(sources, bundle, { recursive: true, filter: (file) => basename(file) !== 'data.json' });
  await sealManifest(bundle);
  return bundle;
}

/** Says in the manifest what module, data and IDLs hash to, so that a bundle that was changed later is not taken for this revision. */
async function sealManifest(bundle: string): Promise<void> {
  const file = join(bundle, '.manifest');
  const manifest: unknown = JSON.parse(await readFile(file, 'utf8'));
  const [wasm, data] = await Promise.all([readFile(join(bundle, 'policy.wasm')), readFile(join(bundle, 'data.json'))]);
  const idls = idlFilesIn(await readDirectoryFiles(bundle), bundle);
  const metadata = { countersign: { content_sha256: contentDigest(wasm, data, idls) } };
  await writeFile(file, JSON.stringify({ ...Object(manifest), metadata }));
}

/** A reader finds the old bundle or the new one, for the blink between two renames none, and never a mixture. */
async function replace(bundle: string, outDir: string): Promise<void> {
  await mkdir(dirname(outDir), { recursive: true });
  const staged = await mkdtemp(`${outDir}.`);
  await cp(bundle, join(staged, 'new'), { recursive: true });
  await rename(outDir, join(staged, 'old')).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  });
  await rename(join(staged, 'new'), outDir);
  await rm(staged, { recursive: true, force: true });
}

if (import.meta.main) {
  const command = new Command('build-policies')
    .description('build a policy bundle from the default library and policy data')
    .requiredOption('--data <file.json>', 'policy data: the content of data.countersign')
    .requiredOption('--out <dir>', 'bundle directory: a new or empty one, or one with a bundle, which is replaced')
    .option('--rules <dir>', 'further Rego packages, for example rules of your own')
    .option('--idls <dir>', 'IDLs, <program id>.json: Anchor of any generation, or Codama')
    .option('--revision <text>', 'revision of the bundle; a hash of its content by default');
  command.action(async (options: { data: string; out: string; rules?: string; idls?: string; revision?: string }) => {
    const { data, out, ...rest } = options;
    try {
      const { revision } = await buildBundle({ dataFile: data, outDir: out, ...rest });
      console.log(`${out}: revision ${revision}`);
    } catch (error) {
      command.error(`no bundle was built: ${error instanceof Error ? error.message : error}`);
    }
  });
  await command.parseAsync();
}
