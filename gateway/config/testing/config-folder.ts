// Owns a folder with a small configuration that works, and the files that it names, for tests that change it.
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { Config } from '../config.ts';
import { type LoadedConfig, loadConfig } from '../load-config.ts';
import { printProblem } from '../problem.ts';

export const PASSPHRASE = 'a passphrase that nobody may see';

export const POLICY = `policy:
  source: { type: directory, path: bundle }
  signatures: { allow_unsigned: true }
`;

export const GOOD = `database:
  embedded: { data_directory: data }
chain:
  rpc_url: http://127.0.0.1:8899
${POLICY}signers:
  - name: main
    type: local-keypair
    keystore_file: main.json
    passphrase_file: passphrase
relayers:
  - { name: node, type: rpc, url: 'http://127.0.0.1:8899' }
wallets:
  - { id: treasury, signer: main, relayer: node }
`;

type Env = Readonly<Record<string, string>>;

export interface ConfigFolder {
  path(name: string): string;
  load(text: string, env?: Env): Promise<LoadedConfig>;
  /** Throws when the text is refused. */
  loaded(text: string, env?: Env): Promise<Config>;
  /** One line a problem, as a person sees it. */
  problems(text: string, env?: Env): Promise<readonly string[]>;
}

/** For the tests of the file that calls it. */
export function useConfigFolder(): ConfigFolder {
  let folder = '';
  const path = (name: string) => join(folder, name);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'countersign-config-'));
    await mkdir(path('bundle'));
    for (const name of ['main.json', 'other.json', 'cert.pem', 'key.pem']) await writeFile(path(name), '', PRIVATE);
    await writeFile(path('passphrase'), `${PASSPHRASE}\n`, PRIVATE);
    await writeFile(path('open'), 'for all to see', PRIVATE);
    await chmod(path('open'), 0o644);
    await writeFile(path('empty'), '\n', PRIVATE);
  });
  afterAll(() => rm(folder, { recursive: true }));

  const load = async (text: string, env: Env = {}) => {
    await writeFile(path('countersign.yaml'), text);
    return loadConfig({ file: path('countersign.yaml'), env });
  };
  const problems = async (text: string, env: Env = {}) => {
    const result = await load(text, env);
    return result.kind === 'loaded' ? [] : result.problems.map((problem) => printProblem('file', problem));
  };
  const loaded = async (text: string, env: Env = {}) => {
    const result = await load(text, env);
    if (result.kind === 'loaded') return result.config;
    throw new Error(result.problems.map((problem) => printProblem('file', problem)).join('\n'));
  };
  return { path, load, loaded, problems };
}

const PRIVATE = { mode: 0o600 };
