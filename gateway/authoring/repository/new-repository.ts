// Owns how a policy repository is made: the example that comes with the tool, under a name of its own.
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { PROJECT } from '../../policy/build/opa.ts';
import { REPOSITORY_FILE } from '../../policy/build/read-repository.ts';

export const EXAMPLE = join(PROJECT, 'examples', 'policy-repository');
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** Resolves with the name. Throws where the directory holds anything, or its name is none for a policy. */
export async function newRepository(directory: string): Promise<string> {
  const root = resolve(directory);
  const name = basename(root);
  if (!NAME.test(name)) {
    throw new Error(`${name} is no name for a policy repository; use letters, digits, dots, _ and -`);
  }
  const found = await readdir(root).catch(() => []);
  if (found.some((file) => file !== '.git')) {
    throw new Error(`${directory} is not empty; name a directory that is, or that is not there yet`);
  }
  await mkdir(root, { recursive: true });
  await cp(EXAMPLE, root, { recursive: true });
  const settings = join(root, REPOSITORY_FILE);
  await writeFile(settings, (await readFile(settings, 'utf8')).replace(/^name: .*$/m, `name: ${name}`));
  return name;
}
