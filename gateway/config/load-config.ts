// Owns the loading of the configuration: one YAML file and the environment in, a checked Config or every problem at once out.
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Config } from './config.ts';
import { applyEnvironment, type Environment, isMapping } from './environment.ts';
import { errorCode } from './file-checks.ts';
import { fileSchema } from './file-schema.ts';
import type { KeyPath, Problem } from './problem.ts';
import { resolveConfig } from './resolve-config.ts';
import { type Origin, problemAt, schemaProblems } from './schema-problems.ts';
import { createSectionReader } from './section-reader.ts';
import { parseYaml } from './yaml-source.ts';

export type LoadedConfig =
  | {
      readonly kind: 'loaded';
      readonly config: Config;
      /** What signers, relayers and wallet templates lack; the gateway starts without them. */
      readonly missing: readonly Problem[];
      /** With its line. */
      readonly problemAt: (path: KeyPath, message: string) => Problem;
      /** Of the entry of that name (`wallets`: of that id); `field`: such as `signer.url`; `null`: of the whole entry. */
      readonly problemIn: (section: NamedSection, entry: string, field: string | null, message: string) => Problem;
    }
  /** Ordered by line. Never empty. */
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

export type NamedSection = 'signers' | 'relayers' | 'wallets' | 'wallet_templates';

const MAX_FILE_BYTES = 1_048_576;

/** Never throws for what is in the file or the environment. Secrets are read here, from the files and variables that are named. */
export async function loadConfig(source: { readonly file: string; readonly env: Environment }): Promise<LoadedConfig> {
  const file = resolve(source.file);
  const text = await readText(file);
  if (typeof text !== 'string') return refused([text]);
  const parsed = parseYaml(text);
  if (parsed.kind === 'malformed') return refused(parsed.problems);
  const { source: yaml } = parsed;
  if (!isMapping(yaml.root))
    return refused([{ path: '', message: 'must be a mapping that begins with keys such as data_plane:' }]);

  const overridden = applyEnvironment(yaml.root, source.env);
  const origin: Origin = { ...yaml, ...overridden };
  const reader = createSectionReader(dirname(file), source.env, origin);
  const checked = fileSchema.safeParse(overridden.root);
  const config = await resolveConfig(reader, file, isMapping(overridden.root) ? overridden.root : {});
  const problems = [
    ...overridden.problems,
    ...(checked.success ? [] : schemaProblems(checked.error.issues, origin)),
    ...reader.problems,
  ];
  if (problems.length > 0 || config === undefined) return refused([...problems, ...reader.missing]);
  const at = (path: KeyPath, message: string) => problemAt(origin, path, message);
  const problemIn = (section: NamedSection, entry: string, field: string | null, message: string) =>
    at([...entryPath(overridden.root, section, entry), ...(field === null ? [] : field.split('.'))], message);
  return { kind: 'loaded', config, missing: reader.missing, problemAt: at, problemIn };
}

function entryPath(root: unknown, section: NamedSection, name: string): KeyPath {
  const entries: unknown = isMapping(root) ? root[section] : undefined;
  const key = section === 'wallets' ? 'id' : 'name';
  return [section, Array.isArray(entries) ? entries.findIndex((entry) => isMapping(entry) && entry[key] === name) : 0];
}

function refused(problems: readonly Problem[]): LoadedConfig {
  const ordered = [...problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  return { kind: 'refused', problems: ordered };
}

async function readText(file: string): Promise<string | Problem> {
  try {
    const { size } = await stat(file);
    if (size > MAX_FILE_BYTES) return { path: '', message: `has ${size} bytes; at most ${MAX_FILE_BYTES} are read` };
    return await readFile(file, 'utf8');
  } catch (error) {
    return { path: '', message: `cannot be read (${errorCode(error)}); name the configuration file with --config` };
  }
}
