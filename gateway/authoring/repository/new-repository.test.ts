// Owns the proof that a policy repository is made where there is none, and nowhere else.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { newRepository } from './new-repository.ts';

const made: string[] = [];

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'countersign-new-'));
  made.push(path);
  return path;
}

afterEach(async () => {
  await Promise.all(made.splice(0).map((path) => rm(path, { recursive: true })));
});

it('makes a repository that has the name of its directory, where there is none', async () => {
  const root = join(await folder(), 'team', 'our-policies');
  await expect(newRepository(root)).resolves.toBe('our-policies');
  await expect(readFile(join(root, 'policy.yaml'), 'utf8')).resolves.toMatch(/^name: our-policies$/m);
  await expect(readdir(join(root, 'data', 'agents'))).resolves.toEqual(['payroll.yaml', 'trader.json']);
});

it('makes one in an empty checkout', async () => {
  const root = await folder();
  await mkdir(join(root, '.git'));
  await newRepository(root);
  await expect(readdir(root)).resolves.toContain('policy.yaml');
});

it('leaves a directory alone that holds anything', async () => {
  const root = await folder();
  await writeFile(join(root, 'policy.yaml'), 'name: mine\n');
  await expect(newRepository(root)).rejects.toThrow(
    `${root} is not empty; name a directory that is, or that is not there yet`,
  );
  await expect(readdir(root)).resolves.toEqual(['policy.yaml']);
});

it('refuses a directory whose name is none for a policy', async () => {
  await expect(newRepository(join(await folder(), 'our policies'))).rejects.toThrow(
    'our policies is no name for a policy repository; use letters, digits, dots, _ and -',
  );
});
