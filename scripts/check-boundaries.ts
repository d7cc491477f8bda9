// Owns the check of import boundaries over the whole project.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import process, { stdout } from 'node:process';
import { readModule } from './boundaries/module-facts.ts';
import { violations } from './boundaries/rules.ts';

// Committed or new: whatever git does not ignore.
const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' });
const files = listed.split('\n').filter((path) => path !== '' && existsSync(path));

const typescript = files.filter((path) => /\.[cm]?tsx?$/.test(path));
const misplaced = files
  .filter((path) => /^policies\/.*\.[cm]?[jt]sx?$/.test(path))
  .map((path) => `${path}:1: policies/ holds Rego and data only`);

const found = [...misplaced, ...typescript.flatMap((path) => violations(readModule(path, readFileSync(path, 'utf8'))))];
if (found.length > 0) {
  stdout.write(`${found.join('\n')}\n`);
  process.exitCode = 1;
}
