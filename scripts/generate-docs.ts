// Owns the documents and the dashboard that are written from code: `node scripts/generate-docs.ts` writes them, `--check` says which are out of date.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import process, { argv, stdout } from 'node:process';
import { apiPage } from './docs/api-page.ts';
import { configurationPage } from './docs/configuration-page.ts';
import { crashesPage } from './docs/crashes-page.ts';
import { dashboard } from './docs/dashboard.ts';
import { decodingPage } from './docs/decoding-page.ts';
import { withForbiddenActions } from './docs/forbidden-actions.ts';
import { policyLintPage } from './docs/policy-lint-page.ts';
import { rulesPage } from './docs/rules-page.ts';

const PAGES: Readonly<Record<string, () => string>> = {
  'deploy/grafana/countersign.json': dashboard,
  'docs/api.md': apiPage,
  'docs/crashes.md': crashesPage,
  'docs/decoding.md': decodingPage,
  'docs/policy-lint.md': policyLintPage,
  'docs/rules.md': rulesPage,
  'docs/security.md': () => withForbiddenActions(readFileSync('docs/security.md', 'utf8')),
  'docs/configuration.md': () => configurationPage(readFileSync('deploy/countersign.example.yaml', 'utf8')),
};

function current(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

const stale = Object.entries(PAGES)
  .map(([path, page]) => ({ path, text: page() }))
  .filter(({ path, text }) => current(path) !== text);

if (argv.includes('--check')) {
  for (const { path } of stale) stdout.write(`${path} is out of date; run \`make generate\` and commit the result\n`);
  if (stale.length > 0) process.exitCode = 1;
} else {
  for (const { path, text } of stale) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    stdout.write(`wrote ${path}\n`);
  }
}
