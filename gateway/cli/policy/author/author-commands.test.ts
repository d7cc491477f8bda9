import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readArchive } from '../../../policy/bundle/read-archive.ts';
import { readBundle } from '../../../policy/bundle/read-bundle.ts';
import { readBundleDirectory } from '../../../policy/bundle/read-directory.ts';
import { verifySignatures } from '../../../policy/bundle/verify-signatures.ts';
import { fakeTerminal } from '../../testing/fake-terminal.ts';

const SALARY = 'fixtures/allow-salary.json';
const PAYROLL = 'data/agents/payroll.yaml';

let work: string;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'countersign-author-'));
});

afterAll(() => rm(work, { recursive: true, force: true }));

async function run(...args: readonly string[]) {
  const terminal = fakeTerminal({});
  const code = await terminal.run('policy', ...args);
  return { code, out: terminal.out.join('\n'), err: terminal.err.join('\n') };
}

/** A repository of its own for each test. */
async function repository(): Promise<string> {
  const directory = join(await mkdtemp(join(work, 'repository-')), 'our-policies');
  expect((await run('new', directory)).code).toBe(0);
  return directory;
}

async function change(directory: string, file: string, from: string | RegExp, to: string): Promise<void> {
  const text = await readFile(join(directory, file), 'utf8');
  const changed = text.replace(from, to);
  expect(changed).not.toBe(text);
  await writeFile(join(directory, file), changed);
}

describe('policy check', () => {
  it('names the field that was meant, and fails', async () => {
    const directory = await repository();
    const rule = 'rules/one_recipient/one_recipient.rego';
    await change(directory, rule, 'is_array(input.effects.outflows)', 'is_array(input.effects.outflow)');
    const { code, err } = await run('check', directory);
    expect(code).toBe(1);
    expect(err).toMatch(
      /^rules\/one_recipient\/one_recipient.rego:\d+:\d+: undefined ref: input.effects.outflow; is it outflows\?/,
    );
  });

  it('refuses a builtin that WebAssembly lacks', async () => {
    const directory = await repository();
    await writeFile(join(directory, 'rules/one_recipient/late.rego'), LATE);
    const { code, err } = await run('check', directory);
    expect([code, err]).toEqual([
      1,
      expect.stringContaining('undefined function time.now_ns; a policy has no clock: take times from input.'),
    ]);
  });

  it('tells everything that is wrong with data, a line each', async () => {
    const directory = await repository();
    await change(directory, PAYROLL, '5000 USDC', '5000 USDT');
    await change(directory, PAYROLL, 'prefixes:', 'prefixs:');
    const { code, err } = await run('check', directory);
    const place = 'data.countersign.agents.payroll.wallets.operations';
    expect(code).toBe(1);
    expect(err).toContain(
      `\n  data/agents/payroll.yaml:29:9: ${place}.spending_limit.per_transaction.USDC: "5000 USDT": there is no asset USDT; is it USDC?`,
    );
    expect(err).toContain(
      `\n  data/agents/payroll.yaml:45:7: ${place}.payment_reference.prefixs: there is no such setting; is it prefixes?`,
    );
  });
});

const LATE = 'package countersign.rules.one_recipient\n\nlate if time.now_ns() > 0\n';

describe('policy fmt', () => {
  it('names what is not formatted, and formats it unless it only checks', async () => {
    const directory = await repository();
    const rule = 'rules/one_recipient/one_recipient.rego';
    await change(directory, rule, '\tcount(recipients) == 1', '        count(recipients)   ==   1');
    expect(await run('fmt', directory, '--check')).toEqual({ code: 1, out: rule, err: '' });
    expect(await run('fmt', directory)).toEqual({ code: 0, out: rule, err: '' });
    expect(await run('fmt', directory, '--check')).toEqual({ code: 0, out: '', err: '' });
  });
});

describe('policy test', () => {
  it('prints the rule, its reasons, what would have passed and the facts that it read', async () => {
    const directory = await repository();
    await change(directory, PAYROLL, 'USDC: 5000 USDC', 'USDC: 10 USDC');
    const { code, out } = await run('test', directory);
    expect(code).toBe(1);
    expect(out).toContain(`✘ ${SALARY}: expected allow, but the policy gives deny (SPENDING_LIMIT_EXCEEDED)`);
    expect(out).toContain('rule spending_limit:');
    expect(out).toContain('would pass: at most 10000000 base units of ');
    expect(out).toMatch(/input\.effects\.outflows = \[\{"amount":50000000,/);
    expect(out).toMatch(/\d+ passed, [1-9]\d* failed/);
  });

  it('names the field that a fixture misspells', async () => {
    const directory = await repository();
    await change(directory, SALARY, '"outflows_by_recipient"', '"outflows_by_recipent"');
    const { code, out } = await run('test', directory);
    expect(code).toBe(1);
    expect(out).toContain('input.effects.outflows_by_recipent: there is no such setting; is it outflows_by_recipient?');
  });

  it('names a test in Rego that fails, and one that is skipped', async () => {
    const directory = await repository();
    const tests = 'rules/one_recipient/one_recipient_test.rego';
    await change(directory, tests, 'codes(v) == ["ONE_RECIPIENT"]', 'codes(v) == ["TWO"]');
    await change(directory, tests, 'test_allow_when_nothing_is_sent', 'todo_test_allow_when_nothing_is_sent');
    const { code, out } = await run('test', directory);
    expect(code).toBe(1);
    expect(out).toMatch(
      /one_recipient_test.rego:\d+: data.countersign.rules.one_recipient_test.test_allow_one_recipient fails/,
    );
    expect(out).toMatch(/todo_test_allow_when_nothing_is_sent is skipped/);
  });

  it('says that nothing was tested, and fails', async () => {
    const directory = await repository();
    for (const part of ['rules', 'schema', 'fixtures', PAYROLL]) await rm(join(directory, part), { recursive: true });
    await change(directory, 'data/agents/trader.json', ',\n        "one_recipient"', '');
    expect(await run('test', directory)).toMatchObject({ code: 1, err: expect.stringContaining('nothing was tested') });
  });
});

describe('policy fixture', () => {
  it('keeps an input with what is expected, exactly, and test judges it', async () => {
    const directory = await repository();
    const text = await readFile(join(directory, SALARY), 'utf8');
    const input = join(work, 'input.json');
    await writeFile(
      input,
      JSON.stringify(Object(JSON.parse(text)).input).replaceAll('50000000', '36893488147419103233'),
    );
    const made = await run(
      'fixture',
      input,
      directory,
      '--name',
      'huge',
      '--expect',
      'deny',
      '--reason',
      'SPENDING_LIMIT_EXCEEDED',
    );
    expect([made.code, made.err]).toEqual([0, '']);
    expect(await readFile(join(directory, 'fixtures/huge.json'), 'utf8')).toContain('36893488147419103233');
    expect((await run('test', directory)).out).toMatch(/, 0 failed/);
    const again = await run('fixture', input, directory, '--name', 'huge', '--expect', 'allow');
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('--force replaces it')]);
  });

  it('takes a recorded decision, and an input from none but a gateway', async () => {
    const directory = await repository();
    const [line = ''] = (await readFile(join(directory, 'recorded/decisions.ndjson'), 'utf8')).split('\n');
    const file = join(work, 'line.json');
    await writeFile(file, line);
    expect((await run('fixture', file, directory, '--name', 'recorded', '--expect', 'allow')).code).toBe(0);
    await writeFile(file, '{"v":1,"agnet":{"id":"x"}}');
    const { code, err } = await run('fixture', file, directory, '--name', 'wrong', '--expect', 'deny');
    expect([code, err]).toEqual([1, expect.stringContaining('input.agnet: there is no such setting; is it agent?')]);
  });

  it.each([
    [['--name', '../x', '--expect', 'allow'], 'is no name for a fixture'],
    [['--name', 'x', '--expect', 'allow', '--reason', 'lower'], 'is no code of a reason'],
    [['--name', 'x', '--expect', 'perhaps'], 'Allowed choices are allow, deny, require_approval'],
  ])('is used wrongly: %j', async (options, told) => {
    const { code, err } = await run('fixture', 'nowhere.json', work, ...options);
    expect([code, err]).toEqual([2, expect.stringContaining(told)]);
  });
});

describe('policy explain', () => {
  it('says which rule said what, and what would have passed', async () => {
    const directory = await repository();
    const { code, out } = await run(
      'explain',
      join(directory, 'fixtures/deny-payment-without-reference.json'),
      directory,
    );
    expect(code).toBe(0);
    expect(out).toMatch(/^decision: deny \(revision [0-9a-f]{32}\)/);
    expect(out).toContain('spending_limit: allow');
    expect(out).toContain('payment_reference: deny\n  PAYMENT_REFERENCE_MISSING: the payment has 0 memos');
    expect(out).toContain('what would have passed\n  payment_reference: allowed: exactly one memo');
  });

  it('says what holds whatever the rules say', async () => {
    const directory = await repository();
    await change(directory, SALARY, '"id": "payroll"', '"id": "stranger"').catch(() =>
      change(directory, SALARY, '"id":"payroll"', '"id":"stranger"'),
    );
    const { out } = await run('explain', join(directory, SALARY), directory);
    expect(out).toContain('AGENT_NOT_CONFIGURED');
    expect(out).toContain('what would have passed');
  });
});

describe('policy diff', () => {
  it('lists data, rules and fixtures that change between two revisions, and changes nothing itself', async () => {
    const directory = await repository();
    const git = (...args: readonly string[]) => {
      const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', '-c', 'commit.gpgsign=false'];
      return execFileSync('git', ['-C', directory, ...who, ...args], { encoding: 'utf8' });
    };
    git('init', '--quiet');
    git('add', '.');
    git('commit', '--quiet', '--message', 'first');
    await change(directory, PAYROLL, 'USDC: 1000 USDC', 'USDC: 10 USDC');
    await rm(join(directory, 'fixtures/allow-salary.json'));
    git('commit', '--quiet', '--all', '--message', 'second');
    await change(directory, PAYROLL, 'USDC: 5000 USDC', 'USDC: 7 USDC');
    const { code, out } = await run('diff', 'HEAD~1', 'HEAD', directory, '--exit-code');
    expect(out).toContain('human_approval.above.EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v: 1000000000 → 10000000');
    expect(out).toContain('- fixtures/allow-salary.json');
    expect(out).toMatch(/allow-salary: allow \(.*\) → require approval \(APPROVAL_ABOVE_AMOUNT\)/);
    expect(out).toContain('1 with another decision');
    expect(code).toBe(1);
    expect((await run('diff', 'HEAD', 'HEAD', directory, '--exit-code')).code).toBe(0);
    expect(git('status', '--porcelain')).toBe(` M ${PAYROLL}\n`);
    expect((await run('diff', 'HEAD', 'no-such', directory)).err).toContain('has no Git revision no-such');
  });
});

describe('policy build and sign', () => {
  it('write a bundle directory, and an archive that verifies by its key alone', async () => {
    const directory = await repository();
    const built = await run('build', directory, '--out', join(work, 'bundle'));
    const { revision } = await readBundleDirectory(join(work, 'bundle'));
    expect(built.out).toBe(`${join(work, 'bundle')}: revision ${revision}`);
    const archive = join(work, 'bundle.tar.gz');
    expect((await run('build', directory, '--out', archive)).code).toBe(0);
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const keyFile = join(work, 'key.pem');
    await writeFile(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const signed = await run('sign', archive, '--key-id', 'ci', '--algorithm', 'EdDSA', '--signing-key-file', keyFile);
    expect([signed.code, signed.err]).toEqual([0, '']);
    const files = readArchive(await readFile(archive), 'signed');
    expect(readBundle(files, 'signed').revision).toBe(revision);
    const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const key = { id: 'ci', algorithm: 'EdDSA' as const, publicKeyPem, scope: null };
    expect(verifySignatures(files, [key], 'signed')).toEqual({ keyId: 'ci' });
    expect(() => verifySignatures(files, [{ ...key, id: 'other' }], 'signed')).toThrow();
  });

  it('write no folder under the name of an archive', async () => {
    for (const name of ['bundle.zip', 'bundle.tar']) {
      const { code, err } = await run('build', work, '--out', join(work, name));
      expect([code, err]).toEqual([2, expect.stringContaining('--out: an archive is a file *.tar.gz')]);
      await expect(readFile(join(work, name))).rejects.toThrow('ENOENT');
    }
  });

  it('say what is wrong with an option that goes with another', async () => {
    const { code, err } = await run('build', work, '--out', join(work, 'never'), '--rules', 'x');
    expect([code, err]).toEqual([2, expect.stringContaining('--rules is for builds with --data')]);
  });

  it('say what is no policy repository', async () => {
    const { code, err } = await run('build', work, '--out', join(work, 'never'));
    expect([code, err]).toEqual([1, expect.stringContaining('is no policy repository')]);
  });
});
