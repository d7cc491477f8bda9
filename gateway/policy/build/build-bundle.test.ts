import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseJson } from '../../core/decision/json-value.ts';
import { anchorIdl, PROGRAM, SOMEBODY } from '../../core/transaction/idl/testing/idl-samples.ts';
import { readBundle } from '../bundle/read-bundle.ts';
import { readBundleDirectory } from '../bundle/read-directory.ts';
import { openGeneration } from '../evaluation/open-generation.ts';
import { buildBundle, buildFiles } from './build-bundle.ts';
import { dataProblems } from './data-problems.ts';
import { PROJECT } from './opa.ts';

const EXAMPLE = join(PROJECT, 'policies', 'data', 'example.json');

let work: string;
let example: string;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'countersign-build-'));
  example = await readFile(EXAMPLE, 'utf8');
});

afterAll(async () => {
  await rm(work, { recursive: true, force: true });
});

describe('a policy bundle', () => {
  it('holds module, data, manifest and sources, and no tests', async () => {
    const outDir = join(work, 'whole');
    const { revision } = await buildBundle({ dataFile: EXAMPLE, outDir });
    expect((await readdir(outDir)).sort()).toEqual(['.manifest', 'countersign', 'data.json', 'policy.wasm', 'schema']);
    expect(JSON.parse(await readFile(join(outDir, '.manifest'), 'utf8'))).toMatchObject({
      revision,
      roots: [''],
      wasm: [{ entrypoint: 'countersign/main/result' }, { entrypoint: 'countersign/main/explanation' }],
      metadata: { countersign: { format: 1, input_version: 1 } },
    });
    expect(await readFile(join(outDir, 'countersign/main/main.rego'), 'utf8')).toContain('result := json.marshal');
    expect((await readdir(outDir, { recursive: true })).filter((file) => file.endsWith('_test.rego'))).toEqual([]);
  });

  it('has the revision of its content, however the data is written', async () => {
    const first = await buildBundle({ dataFile: EXAMPLE, outDir: join(work, 'same') });
    const again = await buildBundle({ data: parseJson(example), outDir: join(work, 'same') });
    const other = await buildBundle({
      data: parseJson(example.replace('100000', '100001')),
      outDir: join(work, 'same'),
    });
    expect(first.revision).toMatch(/^[0-9a-f]{32}$/);
    expect(again.revision).toBe(first.revision);
    expect(other.revision).not.toBe(first.revision);
  });

  it('says when it was built, and has the same revision whenever that was', async () => {
    const data = parseJson(example);
    const at = async (builtAt: number) => {
      const { files, revision } = await buildFiles({ data, builtAt, gitCommit: 'ab'.repeat(20) });
      return { revision, bundle: readBundle(files, 'built') };
    };
    const [first, second] = [await at(1_700_000_000_000), await at(1_800_000_000_000)];
    expect(first.bundle).toMatchObject({ builtAt: 1_700_000_000_000, gitCommit: 'ab'.repeat(20), explains: true });
    expect(second.bundle.builtAt).toBe(1_800_000_000_000);
    expect(second.revision).toBe(first.revision);
  });

  it('was built at SOURCE_DATE_EPOCH where that is set', async () => {
    vi.stubEnv('SOURCE_DATE_EPOCH', '1600000000');
    try {
      const { files } = await buildFiles({ data: parseJson(example) });
      expect(readBundle(files, 'built').builtAt).toBe(1_600_000_000_000);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('carries the schema that its own data fit', async () => {
    const { files } = await buildFiles({ data: parseJson(example) });
    const { data, dataSchema } = readBundle(files, 'built');
    expect(dataProblems(data, dataSchema ?? new Uint8Array())).toEqual([]);
  });

  it('keeps amounts beyond 2^53 and beyond u64 exactly', async () => {
    const data = parseJson(example.replace('1000000000', '36893488147419103233'));
    await buildBundle({ data, outDir: join(work, 'large') });
    expect(await readFile(join(work, 'large', 'data.json'), 'utf8')).toContain('"SOL":36893488147419103233');
  });

  it('is refused by the gateway once its data was changed by hand', async () => {
    const outDir = join(work, 'edited');
    await buildBundle({ dataFile: EXAMPLE, outDir });
    await expect(readBundleDirectory(outDir)).resolves.toMatchObject({ label: outDir });
    const data = await readFile(join(outDir, 'data.json'), 'utf8');
    await writeFile(join(outDir, 'data.json'), data.replace('1000000000', '9000000000'));
    await expect(readBundleDirectory(outDir)).rejects.toThrow('is not what the bundle was built with');
  });

  it('has the assets of the data by mint, and amounts with units in base units', async () => {
    const usdc = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v';
    const assets = { USDC: { mint: usdc, decimals: 6n } };
    const text = example.replace('1000000000', '"1.5 SOL"');
    const { files } = await buildFiles({ data: { ...Object(parseJson(text)), assets } });
    const data = new TextDecoder().decode(files.get('data.json'));
    expect(data).toContain('"SOL":1500000000');
    expect(data).toContain(`"assets":{"${usdc}":{"decimals":6,"symbol":"USDC"}}`);
  });

  it('can be built again from the data of a bundle', async () => {
    const assets = { USDC: { mint: 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v', decimals: 6n } };
    const first = await buildFiles({ data: { ...Object(parseJson(example)), assets } });
    const { countersign } = Object(parseJson(new TextDecoder().decode(first.files.get('data.json'))));
    expect((await buildFiles({ data: countersign })).revision).toBe(first.revision);
  });

  it('takes further rules', async () => {
    const rules = join(work, 'rules');
    await mkdir(rules);
    await writeFile(join(rules, 'own.rego'), 'package countersign.rules.own\n\nverdict := {"decision": "deny"}\n');
    await buildBundle({ dataFile: EXAMPLE, outDir: join(work, 'own'), rules });
    expect(await readFile(join(work, 'own', 'rules', 'own.rego'), 'utf8')).toContain('countersign.rules.own');
  });
});

describe('a policy bundle with IDLs', () => {
  const idls = async (name: string, idl: object) => {
    const directory = await mkdtemp(join(work, 'idls-'));
    await writeFile(join(directory, name), JSON.stringify(idl));
    return directory;
  };

  it('holds them, and the gateway describes their programs', async () => {
    const outDir = join(work, 'described');
    await buildBundle({ dataFile: EXAMPLE, outDir, idls: await idls(`${PROGRAM}.json`, anchorIdl('u8')) });
    expect(await readdir(join(outDir, 'idls'))).toEqual([`${PROGRAM}.json`]);
    const engine = await openGeneration({ bundleDirectory: outDir });
    expect([...engine.describedPrograms.keys()]).toEqual([PROGRAM]);
  });

  it('has another revision with each of them', async () => {
    const outDir = join(work, 'described');
    const build = async (type: string) =>
      await buildBundle({ dataFile: EXAMPLE, outDir, idls: await idls(`${PROGRAM}.json`, anchorIdl(type)) });
    const none = await buildBundle({ dataFile: EXAMPLE, outDir });
    expect(new Set([(await build('u8')).revision, (await build('u16')).revision, none.revision]).size).toBe(3);
  });

  it.each([
    ['changed', (path: string) => writeFile(path, JSON.stringify(anchorIdl('u64')))],
    ['taken away', (path: string) => rm(path)],
    ['joined by another', (path: string) => writeFile(path.replace(PROGRAM, SOMEBODY), '{}')],
  ])('is refused by the gateway once one was %s by hand', async (_what, change) => {
    const outDir = join(work, 'described');
    await buildBundle({ dataFile: EXAMPLE, outDir, idls: await idls(`${PROGRAM}.json`, anchorIdl('u8')) });
    await change(join(outDir, 'idls', `${PROGRAM}.json`));
    await expect(readBundleDirectory(outDir)).rejects.toThrow('is not what the bundle was built with');
  });

  it('is not built when one is wrong, and its place is told', async () => {
    const directory = await idls(`${PROGRAM}.json`, anchorIdl('u7'));
    await expect(buildBundle({ dataFile: EXAMPLE, outDir: join(work, 'never'), idls: directory })).rejects.toThrow(
      `IDLs of ${directory}: idls/${PROGRAM}.json: instructions[0].args[0].type: the type "u7" cannot be read`,
    );
  });

  it('is not built from a directory that is not there, or that holds other files', async () => {
    const outDir = join(work, 'never');
    const none = join(work, 'no-such-directory');
    await expect(buildBundle({ dataFile: EXAMPLE, outDir, idls: none })).rejects.toThrow(
      `IDLs of ${none}: there is no such directory`,
    );
    const other = await idls('pool.json', anchorIdl('u8'));
    await expect(buildBundle({ dataFile: EXAMPLE, outDir, idls: other })).rejects.toThrow(
      `IDLs of ${other}: idls/pool.json: a file here must be called <program id>.json`,
    );
  });
});

describe('no bundle is built', () => {
  it('over a directory that holds something else, and nothing in it is touched', async () => {
    const outDir = join(work, 'keys');
    await mkdir(outDir);
    await writeFile(join(outDir, 'treasury.keystore.json'), 'a key');
    await expect(buildBundle({ dataFile: EXAMPLE, outDir })).rejects.toThrow('no policy bundle');
    expect(await readdir(outDir)).toEqual(['treasury.keystore.json']);
  });

  it.each([
    ['a rule that is not there', '"fee_limit"', '"fee_limti"', '"fee_limti" is none of'],
    [
      'a recipient that is no address',
      '"Vote111111111111111111111111111111111111111"',
      '"notAnAddress"',
      'notAnAddress',
    ],
  ])('with %s', async (_case, right, wrong, told) => {
    const data = parseJson(example.replace(right, wrong));
    await expect(buildBundle({ data, outDir: join(work, 'wrong') })).rejects.toThrow(told);
  });
});

describe('a pattern of messages', () => {
  const wallet = (...patterns: readonly string[]) => ({
    enabled_for_messages: ['message_guard'],
    message_guard: { patterns },
  });
  const built = (...patterns: readonly string[]) =>
    buildFiles({ data: { agents: { trader: { wallets: { treasury: wallet(...patterns) } } } } });

  it.each(['^(sign in$', '^a(?=b)$', '^(a)\\1$', '^a{2,1}$'])(
    'that is no expression of RE2 is refused: %s',
    async (pattern) => {
      await expect(built('^sign in [0-9]+$', pattern)).rejects.toThrow(
        'message_guard.patterns[1]: it is no regular expression (RE2), so it fits no text',
      );
    },
  );

  it('may be whatever RE2 has', async () => {
    const { revision } = await built('^(?i)sign in as \\p{L}+ "x"$', '^(?P<name>[a-z]+)$');
    expect(revision).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('no bundle is built, and the one that stands stays', () => {
  const refused = async (change: (text: string) => string, what: string) => {
    const outDir = join(work, 'standing');
    await buildBundle({ dataFile: EXAMPLE, outDir, revision: 'standing' });
    const dataFile = join(work, 'bad.json');
    await writeFile(dataFile, change(example));
    await expect(buildBundle({ dataFile, outDir })).rejects.toThrow(what);
    expect(await readFile(join(outDir, '.manifest'), 'utf8')).toContain('"revision":"standing"');
    expect((await readdir(work)).filter((name) => name.startsWith('standing.'))).toEqual([]);
  };

  it('from data that is no JSON', () => refused((text) => text.slice(0, -5), 'cannot be read'));
  it('from an amount that is a fraction', () =>
    refused((text) => text.replace('100000,', '0.5,'), '0.5 is no whole number'));
  it('from a mistyped setting', () =>
    refused((text) => text.replace('"above"', '"abov"'), 'above is missing: By asset'));
  it('from an amount that is text', () =>
    refused((text) => text.replace('1000000000', '"1"'), '"1" is text; an amount is a whole number in base units'));
  it('from a wallet without enabled rules', () =>
    refused((text) => text.replace('"enabled"', '"e"'), 'at least one of enabled, enabled_for_messages'));

  it('from a rule that uses a builtin that WebAssembly lacks', async () => {
    const rules = join(work, 'bad-rules');
    await mkdir(rules);
    await writeFile(join(rules, 'a.rego'), 'package countersign.rules.a\n\nverdict := sprintf("%d", [input.v])\n');
    const build = buildBundle({ dataFile: EXAMPLE, outDir: join(work, 'never'), rules });
    await expect(build).rejects.toThrow('undefined function sprintf');
  });

  it.each([
    ['adds to a package of the library', '# all pass\npackage countersign.main', "countersign.main is the library's"],
    ['writes it in another way', 'package countersign["main"]', "countersign.main is the library's"],
    ['adds below one', 'package countersign.rules.fee_limit.more', "countersign.rules.fee_limit is the library's"],
    ['adds to one from above', 'package countersign\n\nmain.unguarded := set()', 'package countersign could change'],
    ['writes a verdict of the library', 'package countersign.rules\n\nfee_limit.verdict := {}', 'could change'],
    ['stands in front of the data', 'package countersign.agents.a', 'package countersign.agents.a could change'],
    [
      'does so in another way',
      'package countersign["agents"]["a b"]',
      'could change what the library and the data say',
    ],
  ])('from a file that %s', async (_what, rego, told) => {
    const rules = await mkdtemp(join(work, 'intruder-'));
    await writeFile(join(rules, 'a.rego'), `${rego}\n\nunguarded := set()\n`);
    await expect(buildFiles({ dataFile: EXAMPLE, rules })).rejects.toThrow(told);
  });

  it('without data, or with two', async () => {
    const outDir = join(work, 'never');
    await expect(buildBundle({ outDir })).rejects.toThrow('either as a file or as a value');
    await expect(buildBundle({ outDir, data: {}, dataFile: EXAMPLE })).rejects.toThrow(
      'either as a file or as a value',
    );
  });
});
