import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBundle } from '../bundle/read-bundle.ts';
import { compilePolicy } from '../evaluation/opa-module.ts';
import { generationOf } from '../evaluation/open-generation.ts';
import { testFixtures } from '../evaluation/self-test.ts';
import { buildRepository } from './build-repository.ts';
import { PROJECT } from './opa.ts';

const EXAMPLE = join(PROJECT, 'examples', 'policy-repository');
const DATE = { GIT_AUTHOR_DATE: '1700000000 +0000', GIT_COMMITTER_DATE: '1700000000 +0000' };

let work: string;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'countersign-repository-'));
});

afterAll(() => rm(work, { recursive: true, force: true }));

async function copy(): Promise<string> {
  const directory = join(await mkdtemp(join(work, 'copy-')), 'policies');
  await cp(EXAMPLE, directory, { recursive: true });
  return directory;
}

function git(directory: string, ...args: readonly string[]): string {
  const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', ['-C', directory, ...who, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...DATE },
  }).trim();
}

describe('the example repository', () => {
  it('builds a bundle that the gateway opens, and whose fixtures hold', async () => {
    const { files, revision } = await buildRepository({ directory: EXAMPLE });
    const bundle = readBundle(files, 'example');
    expect((await generationOf(bundle)).bundleRevision).toBe(revision);
    expect(bundle.fixtures.length).toBeGreaterThan(5);
    const { instantiate } = await compilePolicy(bundle);
    expect(() => testFixtures(instantiate, 'example', bundle.fixtures)).not.toThrow();
    const data = new TextDecoder().decode(bundle.data);
    expect(data).toContain('"EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v":5000000000');
    expect(data).toContain('"max_fee_lamports":100000');
    expect([...files.keys()].filter((path) => path.endsWith('_test.rego'))).toEqual([]);
  });
});

describe('a repository in Git', () => {
  it('names its commit and the time of it, until a file is changed', async () => {
    const directory = await copy();
    git(directory, 'init', '--quiet');
    git(directory, 'add', '.');
    git(directory, 'commit', '--quiet', '--message', 'first');
    const committed = readBundle((await buildRepository({ directory })).files, 'committed');
    expect(committed).toMatchObject({ gitCommit: git(directory, 'rev-parse', 'HEAD'), builtAt: 1_700_000_000_000 });
    await writeFile(join(directory, 'README.md'), 'changed');
    const changed = readBundle((await buildRepository({ directory })).files, 'changed');
    expect(changed.gitCommit).toBeNull();
    expect(changed.builtAt).toBeGreaterThan(1_700_000_000_000);
    expect(changed.revision).toBe(committed.revision);
  });

  it('says what the one who builds it knows better', async () => {
    const origin = { gitCommit: 'cd'.repeat(20), builtAt: 1_600_000_000_000 };
    const { files } = await buildRepository({ directory: EXAMPLE, ...origin });
    expect(readBundle(files, 'told')).toMatchObject(origin);
  });
});

describe('a repository is refused', () => {
  it.each<[string, (directory: string) => Promise<unknown>, string]>([
    ['without policy.yaml', (root) => rm(join(root, 'policy.yaml')), 'is no policy repository: it has no policy.yaml'],
    [
      'with a setting that nothing reads',
      (root) => writeFile(join(root, 'policy.yaml'), 'name: a\nnmae: b\n'),
      'policy.yaml: there is no key nmae; is it name? (known here: name, description)',
    ],
    [
      'with a directory that is misspelt',
      (root) => rename(join(root, 'fixtures'), join(root, 'fixture')),
      'fixture: there is no such part of a policy repository; is it fixtures?',
    ],
    [
      'without its name',
      (root) => writeFile(join(root, 'policy.yaml'), 'description: b\n'),
      'policy.yaml: name must be text',
    ],
    [
      'with agents beside data',
      (root) => rename(join(root, 'data/agents'), join(root, 'agents')),
      'agents: nothing reads it here; its place is data/agents',
    ],
    [
      'with data that nothing reads',
      (root) => writeFile(join(root, 'data', 'agent.json'), '{}'),
      'data/agent.json: nothing reads it; in data/ stand agents/',
    ],
    [
      'with an agent in a file that nothing reads',
      (root) => writeFile(join(root, 'data/agents/bob.yml'), 'wallets: {}'),
      'data/agents/bob.yml: nothing reads it',
    ],
    [
      'with two files of one agent',
      (root) => writeFile(join(root, 'data/agents/trader.yaml'), 'wallets: {}'),
      'agent trader has two files',
    ],
    [
      'with two files of assets',
      (root) => writeFile(join(root, 'data/assets.json'), '{}'),
      'there can be only one of them',
    ],
    [
      'with a symbolic link',
      (root) => symlink('/etc/passwd', join(root, 'data/agents/bob.json')),
      'data/agents/bob.json: symbolic links are not followed',
    ],
    [
      'with a fixture that is none',
      (root) => writeFile(join(root, 'fixtures/a.json'), '{"input":{}}'),
      'fixtures/a.json',
    ],
    [
      'with a rule in the directory of another',
      (root) => writeFile(join(root, 'rules/one_recipient/b.rego'), 'package countersign.rules.other\n'),
      'rules/one_recipient/b.rego: its package is countersign.rules.other',
    ],
    [
      'with a rule that adds to the library',
      async (root) => {
        await mkdir(join(root, 'rules/fee_limit'));
        await writeFile(join(root, 'rules/fee_limit/fee_limit.rego'), 'package countersign.rules.fee_limit\n');
      },
      "is the library's",
    ],
    [
      'with settings of a rule that is not there',
      (root) => writeFile(join(root, 'schema/rules/two.json'), '{"type":"object"}'),
      'there is no rule two',
    ],
    [
      'with settings of which any key would pass',
      (root) => writeFile(join(root, 'schema/rules/one_recipient.json'), '{"type":"object","properties":{}}'),
      'schema/rules/one_recipient.json: this object must have "additionalProperties": false',
    ],
    [
      'with settings in which any key would pass',
      (root) => writeFile(join(root, 'schema/rules/one_recipient.json'), OPEN_WITHIN),
      'schema/rules/one_recipient.json: properties.limits.items: this object must have "additionalProperties": false',
    ],
    [
      'with settings that say that any key may pass',
      (root) =>
        writeFile(join(root, 'schema/rules/one_recipient.json'), '{"type":"object","additionalProperties":true}'),
      'schema/rules/one_recipient.json: this object must have "additionalProperties": false',
    ],
    [
      'with settings that need not be an object',
      (root) => writeFile(join(root, 'schema/rules/one_recipient.json'), '{"description":"anything"}'),
      'schema/rules/one_recipient.json: its type must be "object"',
    ],
    [
      'without an agent',
      (root) => rm(join(root, 'data/agents'), { recursive: true }),
      'data/agents: there is no agent, so nothing could be signed',
    ],
    [
      'with settings of a rule of the library',
      (root) => writeFile(join(root, 'schema/rules/fee_limit.json'), '{"type":"object"}'),
      'the library has a rule of this name',
    ],
    [
      'with an amount in another unit',
      (root) => writeFile(join(root, 'data/agents/bob.yaml'), BOB),
      '"1 SOL" is in SOL, but stands where an amount of USDC',
    ],
  ])('%s', async (_what, change, told) => {
    const directory = await copy();
    await change(directory);
    await expect(buildRepository({ directory })).rejects.toThrow(told);
  });
});

const BOB = 'wallets: {w: {enabled: [spending_limit], spending_limit: {per_transaction: {USDC: 1 SOL}}}}\n';

const OPEN_WITHIN = JSON.stringify({
  type: 'object',
  additionalProperties: false,
  properties: { limits: { type: 'array', items: { type: 'object', properties: { most: { type: 'integer' } } } } },
});
