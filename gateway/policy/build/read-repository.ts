// Owns the layout of a policy repository, and the reading of one: policy.yaml, data, rules, schemas, IDLs and fixtures.
import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { z } from 'zod';
import { nearestName } from '../../core/nearest-name.ts';
import { FIXTURE_DIRECTORY, fixtureFilesIn } from '../bundle/fixture-files.ts';
import { IDL_DIRECTORY } from '../bundle/idl-files.ts';
import { readFixture } from '../evaluation/fixture.ts';
import { readDataFile, readDataText } from './bundle-data.ts';
import { bytesOf, type Files, idlFiles, regoFiles } from './bundle-sources.ts';
import { packagesOf } from './packages.ts';
import { textOf } from './read-json.ts';
import type { SourceFile } from './source-places.ts';
import type { SourceObject, SourceValue } from './source-value.ts';

export const REPOSITORY_FILE = 'policy.yaml';
const DIRECTORIES = ['data', 'rules', 'schema', IDL_DIRECTORY, FIXTURE_DIRECTORY];
/** What stands deeper. At the top nothing would read it. */
const DEEPER: Readonly<Record<string, string>> = {
  agents: 'data/agents',
  'assets.json': 'data/assets.json',
  'assets.yaml': 'data/assets.yaml',
};
const LARGEST_FIXTURE = 2 * 1024 * 1024;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

export interface Repository {
  readonly name: string;
  readonly data: SourceValue;
  readonly dataFiles: readonly SourceFile[];
  readonly rules: Files;
  /** Directory; `null`: there is none. */
  readonly schemas: string | null;
  readonly carried: Files;
}

const SETTINGS = z.strictObject({
  name: z.string().regex(NAME, 'must be a name of letters, digits, dots, _ and -'),
  description: z.string().optional(),
});

/** Throws an Error that names the file where something is wrong, or that is where nothing belongs. */
export async function readRepository(root: string, opa: string): Promise<Repository> {
  const { name } = await readSettings(root);
  const present = await directoriesIn(root);
  const schemas = present.has('schema') ? await schemaDirectory(root) : null;
  const rules = present.has('rules') ? await ownRules(join(root, 'rules'), opa) : new Map();
  const idls = present.has(IDL_DIRECTORY) ? await idlFiles(join(root, IDL_DIRECTORY)) : new Map();
  const fixtures = present.has(FIXTURE_DIRECTORY) ? await readFixtures(root) : new Map();
  const { data, dataFiles } = await readData(root);
  return { name, data, dataFiles, rules, schemas, carried: new Map([...idls, ...fixtures]) };
}

async function readSettings(root: string): Promise<z.infer<typeof SETTINGS>> {
  const file = join(root, REPOSITORY_FILE);
  if (!(await isFile(file))) {
    throw new Error(
      `${root} is no policy repository: it has no ${REPOSITORY_FILE}; make one with countersign policy new`,
    );
  }
  const read = SETTINGS.safeParse(await readDataFile(file, REPOSITORY_FILE));
  if (!read.success) throw new Error(`${REPOSITORY_FILE}: ${read.error.issues.map(settingsProblem).join('; ')}`);
  return read.data;
}

function settingsProblem(issue: z.core.$ZodIssue): string {
  const known = Object.keys(SETTINGS.shape);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys
      .map((key) => {
        const meant = nearestName(key, known);
        return `there is no key ${key}${meant === null ? '' : `; is it ${meant}?`} (known here: ${known.join(', ')})`;
      })
      .join('; ');
  }
  const place = issue.path.join('.');
  if (issue.code === 'invalid_type') {
    return place === '' ? 'it must hold an object with the key name' : `${place} must be text`;
  }
  return place === '' ? issue.message : `${place} ${issue.message}`;
}

/** A directory that is misspelt would be a policy that is not there. */
async function directoriesIn(root: string): Promise<ReadonlySet<string>> {
  const entries = (await readdir(root, { withFileTypes: true })).filter(({ name }) => !name.startsWith('.'));
  for (const entry of entries) {
    const deeper = DEEPER[entry.name];
    if (deeper !== undefined) throw new Error(`${entry.name}: nothing reads it here; its place is ${deeper}`);
    if (DIRECTORIES.includes(entry.name)) requireKind(entry, 'directory', entry.name);
    else if (entry.isDirectory()) {
      const meant = nearestName(entry.name, DIRECTORIES);
      if (meant !== null)
        throw new Error(`${entry.name}: there is no such part of a policy repository; is it ${meant}?`);
    }
  }
  return new Set(entries.map(({ name }) => name).filter((name) => DIRECTORIES.includes(name)));
}

interface DataRead {
  readonly data: SourceObject;
  readonly dataFiles: readonly SourceFile[];
}

async function readData(root: string): Promise<DataRead> {
  const found = await entriesIn(root, 'data');
  refuseOthers(
    found,
    'data',
    ({ name }) => name === 'agents' || /^assets\.(json|yaml)$/.test(name),
    'agents/, and assets.json or assets.yaml',
  );
  const assetFiles = found.filter(({ name }) => name.startsWith('assets.'));
  if (assetFiles.length > 1) throw new Error('data/assets.json and data/assets.yaml: there can be only one of them');
  const agents = await readAgents(root);
  const [file] = assetFiles;
  const assets = file === undefined ? null : await readPart(root, 'data', file, ['assets']);
  return {
    data: {
      agents: Object.fromEntries(agents.map(([agent, { value }]) => [agent, value])),
      ...(assets === null ? {} : { assets: assets.value }),
    },
    dataFiles: [...agents.map(([, { source }]) => source), ...(assets === null ? [] : [assets.source])],
  };
}

async function readAgents(root: string): Promise<readonly (readonly [string, Part])[]> {
  const found = await entriesIn(root, 'data/agents');
  refuseOthers(found, 'data/agents', ({ name }) => isData(name), '<agent>.json and <agent>.yaml');
  const agents = new Map<string, Part>();
  for (const entry of found) {
    const agent = entry.name.slice(0, -extname(entry.name).length);
    if (agents.has(agent)) throw new Error(`data/agents: agent ${agent} has two files; there can be only one of them`);
    agents.set(agent, await readPart(root, 'data/agents', entry, ['agents', agent]));
  }
  if (agents.size === 0) {
    throw new Error(
      'data/agents: there is no agent, so nothing could be signed; what each may do stands in data/agents/<agent>.yaml',
    );
  }
  return [...agents];
}

interface Part {
  readonly value: SourceValue;
  readonly source: SourceFile;
}

async function readPart(root: string, directory: string, entry: Dirent, at: readonly string[]): Promise<Part> {
  const name = `${directory}/${entry.name}`;
  requireKind(entry, 'file', name);
  const text = textOf(await bytesOf(join(root, name)), name);
  return { value: readDataText(text, name), source: { name, text, path: ['data', 'countersign', ...at] } };
}

function isData(name: string): boolean {
  return ['.json', '.yaml'].includes(extname(name)) && name.length > extname(name).length;
}

/** Each in a directory of its name, with the package of its name: what is enabled by that name is what stands there. */
async function ownRules(directory: string, opa: string): Promise<Files> {
  const files = await regoFiles(directory, 'rules');
  for (const [path, name] of await packagesOf(opa, files)) {
    const [, rule = ''] = path.split('/');
    const own = `countersign.rules.${rule}`;
    if (name !== own && !name.startsWith(`${own}.`)) {
      throw new Error(`${path}: its package is ${name}; in rules/${rule} it must be ${own}`);
    }
  }
  return files;
}

async function schemaDirectory(root: string): Promise<string | null> {
  const found = await entriesIn(root, 'schema');
  refuseOthers(found, 'schema', ({ name }) => name === 'rules', 'rules/');
  const schemas = await entriesIn(root, 'schema/rules');
  refuseOthers(schemas, 'schema/rules', ({ name }) => extname(name) === '.json', '<rule>.json');
  for (const entry of schemas) requireKind(entry, 'file', `schema/rules/${entry.name}`);
  return join(root, 'schema', 'rules');
}

async function readFixtures(root: string): Promise<Files> {
  const files: Files = new Map();
  for (const entry of await entriesIn(root, FIXTURE_DIRECTORY)) {
    const path = `${FIXTURE_DIRECTORY}/${entry.name}`;
    requireKind(entry, 'file', path);
    const bytes = await bytesOf(join(root, path));
    if (bytes.length > LARGEST_FIXTURE)
      throw new Error(`${path}: it has ${bytes.length} bytes; at most ${LARGEST_FIXTURE} are read`);
    files.set(path, bytes);
  }
  for (const fixture of fixtureFilesIn(files, root)) readFixture(root, fixture);
  return files;
}

async function entriesIn(root: string, directory: string): Promise<readonly Dirent[]> {
  const found = await lstat(join(root, directory)).catch(() => null);
  if (found === null) return [];
  if (!found.isDirectory()) throw new Error(`${directory}: it must be a directory`);
  const entries = await readdir(join(root, directory), { withFileTypes: true });
  return entries.filter(({ name }) => !name.startsWith('.')).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function refuseOthers(
  entries: readonly Dirent[],
  directory: string,
  belongs: (entry: Dirent) => boolean,
  what: string,
): void {
  const other = entries.find((entry) => !belongs(entry));
  if (other !== undefined)
    throw new Error(`${directory}/${other.name}: nothing reads it; in ${directory}/ stand ${what}`);
}

function requireKind(entry: Dirent, kind: 'file' | 'directory', path: string): void {
  if (kind === 'file' ? entry.isFile() : entry.isDirectory()) return;
  throw new Error(`${path}: ${entry.isSymbolicLink() ? 'symbolic links are not followed; ' : ''}it must be a ${kind}`);
}

async function isFile(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => null);
  return found?.isFile() === true;
}
