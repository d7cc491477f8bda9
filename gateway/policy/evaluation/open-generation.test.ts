import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { address } from '@solana/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Effects } from '../../core/effects/effects.ts';
import { sampleFacts } from '../../core/policy-input/sample-facts.ts';
import { buildPolicyInput } from '../../core/policy-input.ts';
import { buildBundle } from '../build/build-bundle.ts';
import { findOpa } from '../build/opa.ts';
import type { PolicyGeneration } from '../policy-engine.ts';
import { openGeneration } from './open-generation.ts';

const WALLET = address('BPFLoaderUpgradeab1e11111111111111111111111');
const EXCHANGE = address('Stake11111111111111111111111111111111111111');
const EXAMPLE = join(import.meta.dirname, '..', '..', '..', 'policies', 'data', 'example.json');
const SAMPLE = sampleFacts({ agent: 'trader', wallet: 'treasury', walletAddress: WALLET, recipient: EXCHANGE });
const INPUT = buildPolicyInput(SAMPLE);

let work: string;
let engine: PolicyGeneration;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'countersign-engine-'));
  await buildBundle({ dataFile: EXAMPLE, outDir: join(work, 'example'), revision: 'example-1' });
  engine = await openGeneration({ bundleDirectory: join(work, 'example') });
});

afterAll(async () => {
  await rm(work, { recursive: true, force: true });
});

function spending(amount: bigint): Uint8Array {
  const effects: Effects = { ...SAMPLE.effects, outflows: [{ asset: 'SOL', amount, decimals: 9 }] };
  return buildPolicyInput({ ...SAMPLE, effects });
}

function codes(by: PolicyGeneration, input: Uint8Array): readonly string[] {
  const verdict = by.evaluate(input);
  return [verdict.kind, ...verdict.reasons.map(({ code }) => code)];
}

/** A bundle of one file of Rego and without the library; it may use whatever opa would compile. */
async function buildForeign(name: string, rego: string): Promise<string> {
  const sources = join(work, `${name}-sources`);
  const directory = join(work, name);
  await mkdir(sources);
  await mkdir(directory);
  await writeFile(join(sources, 'main.rego'), `package countersign.main\n\n${rego}\n`);
  await writeFile(join(sources, 'data.json'), '{"countersign":{"agents":{}}}');
  const archive = join(work, `${name}.tar.gz`);
  const entrypoint = name === 'other-entrypoint' ? 'countersign/main/other' : 'countersign/main/result';
  const build = ['build', '-t', 'wasm', '-O', '0', '-e', entrypoint, '-r', name, '-o', archive, '-b', '.'];
  await promisify(execFile)(findOpa(), build, { cwd: sources });
  await promisify(execFile)('tar', ['-xzf', archive, '-C', directory]);
  return directory;
}

/** The library with the example data and one more rule, `fragile`, enabled. */
async function openWithRule(verdict: string): Promise<{ readonly engine: PolicyGeneration; readonly told: string[] }> {
  const rules = await mkdtemp(join(work, 'rules-'));
  const file = join(rules, 'fragile', 'fragile.rego');
  await mkdir(dirname(file));
  await writeFile(file, `package countersign.rules.fragile\n\n${verdict}\n`);
  const data = (await readFile(EXAMPLE, 'utf8')).replace('"program_allowlist",', '"fragile", "program_allowlist",');
  await writeFile(join(rules, 'data.json'), data);
  const outDir = join(rules, 'bundle');
  await buildBundle({ dataFile: join(rules, 'data.json'), outDir, rules });
  const told: string[] = [];
  const log = (message: string, facts: Readonly<Record<string, string>>) => told.push(`${message}: ${facts.error}`);
  return { engine: await openGeneration({ bundleDirectory: outDir, log }), told };
}

describe('a policy engine', () => {
  it('allows what every rule allows, and says which bundle decided', () => {
    expect(engine.evaluate(INPUT).kind).toBe('allow');
    expect(engine.bundleRevision).toBe('example-1');
  });

  it('gives the same answer for the same bytes, every time', () => {
    const first = engine.evaluate(INPUT);
    for (let i = 0; i < 200; i++) expect(engine.evaluate(INPUT)).toEqual(first);
  });

  it('requires approval above the threshold and denies above the limit, each at the exact lamport', () => {
    expect(engine.evaluate(spending(500_000_000n)).kind).toBe('allow');
    expect(codes(engine, spending(500_000_001n))).toEqual(['require_approval', 'APPROVAL_ABOVE_AMOUNT']);
    expect(codes(engine, spending(1_000_000_000n))).toEqual(['require_approval', 'APPROVAL_ABOVE_AMOUNT']);
    expect(codes(engine, spending(1_000_000_001n))).toEqual(['deny', 'SPENDING_LIMIT_EXCEEDED']);
  });

  it('carries sums beyond u64 exactly into reasons', () => {
    const verdict = engine.evaluate(spending(2n ** 64n * 3n + 1n));
    expect(verdict.reasons[0]?.facts).toEqual({ asset: 'SOL', amount: '55340232221128654849', limit: '1000000000' });
    expect(verdict.reasons[0]).toMatchObject({
      message: 'sends 55340232221128654849 lamports of SOL',
      remedy: 'at most 1000000000 lamports of SOL per transaction is allowed',
    });
  });

  it.each(['', ' ', '{', '{}', 'null', 'true', '[]', '"x"', '{"v":1}', '{"v":1.0,"agent":{"id":"trader"}}', '\ud800'])(
    'denies the input %j',
    (text) => {
      expect(engine.evaluate(new TextEncoder().encode(text)).kind).toBe('deny');
    },
  );

  it('denies the input when any byte of it was cut off', () => {
    for (let end = 0; end < INPUT.length; end += 7) {
      expect(engine.evaluate(INPUT.slice(0, end)).kind).toBe('deny');
    }
  });

  it('denies an input that is too large without looking at it', () => {
    expect(codes(engine, new Uint8Array(1024 * 1024 + 1))).toEqual(['deny', 'POLICY_INPUT_TOO_LARGE']);
  });

  it('reads an input that is a view into a larger buffer', () => {
    const larger = new Uint8Array(INPUT.length + 20).fill(0x7b);
    larger.set(INPUT, 10);
    expect(engine.evaluate(larger.subarray(10, 10 + INPUT.length)).kind).toBe('allow');
  });
});

describe('when an evaluation fails inside', () => {
  const boom = { ...SAMPLE, context: { note: 'boom' } };

  it('denies, says so, and goes on with a new instance, again and again', async () => {
    // Two different notes give two different verdicts, which the module aborts on.
    const fragile = await openWithRule(`verdict := {
	"decision": "allow",
	"reasons": [{"code": "NOTED", "message": note, "facts": {}}],
} if some note in input.context`);
    const conflicting = buildPolicyInput({ ...SAMPLE, context: { one: 'a', two: 'b' } });
    for (let i = 0; i < 50; i++) {
      expect(codes(fragile.engine, conflicting)).toEqual(['deny', 'POLICY_EVALUATION_FAILED']);
      expect(fragile.engine.evaluate(INPUT).kind).toBe('allow');
    }
    expect(fragile.told).toHaveLength(50);
    expect(fragile.told[0]).toContain('policy evaluation failed and was denied');
  });

  it('denies a policy that wants more memory than the cap, and serves the next input', async () => {
    const hungry = `default verdict := {"decision": "allow", "reasons": []}

verdict := {"decision": "allow", "reasons": []} if {
	input.context.note == "boom"
	count(numbers.range(1, 100000000)) > 0
}`;
    const greedy = await openWithRule(hungry);
    expect(codes(greedy.engine, buildPolicyInput(boom))).toEqual(['deny', 'POLICY_EVALUATION_FAILED']);
    expect(greedy.engine.evaluate(buildPolicyInput({ ...boom, context: { note: 'calm' } })).kind).toBe('allow');
    expect(greedy.told).toHaveLength(1);
  });

  it('denies a rule whose reasons or terms of approval are malformed', async () => {
    const cases = {
      '{"decision": "allow", "reasons": [{"code": "x", "message": "y", "facts": {"a": 1}}]}': 'POLICY_RESULT_MALFORMED',
      '{"decision": "require_approval", "reasons": [{"code": "X", "message": "y", "facts": {}}], "approval": {"quorum": 17, "groups": [], "timeout_seconds": 1}}':
        'APPROVAL_REQUIREMENTS_CONFLICT',
      '{"decision": "require_approval", "reasons": [{"code": "X", "message": "y", "facts": {}}], "approval": {"quorum": 1, "groups": [1], "timeout_seconds": 1}}':
        'APPROVAL_REQUIREMENTS_CONFLICT',
      '{"decision": "require_approval", "reasons": [], "approval": {"quorum": 1, "groups": [], "timeout_seconds": 1}}':
        'POLICY_RESULT_MALFORMED',
    };
    const verdicts = Object.keys(cases).map((verdict, n) => `verdict := ${verdict} if input.context.case == "${n}"`);
    const { engine: wrong } = await openWithRule(verdicts.join('\n\n'));
    for (const [n, code] of Object.values(cases).entries()) {
      const input = buildPolicyInput({ ...SAMPLE, context: { case: String(n) } });
      expect(codes(wrong, input)).toEqual(['deny', code]);
    }
  });
});

describe('a bundle that must not serve', () => {
  const open = (directory: string) => openGeneration({ bundleDirectory: directory });
  const deny =
    '{"approval":null,"decision":"deny","limits":[],"reasons":[{"code":"NO","facts":{},"message":"no","rule":"main"}],"v":1}';

  it('would allow an empty input', async () => {
    const allow = await buildForeign('allows', `result := \`${deny.replace('deny', 'allow')}\``);
    await expect(open(allow)).rejects.toThrow(
      'the input "" must be denied by a well-formed decision document, but gave "allow"',
    );
  });

  it('gives no text', async () => {
    const bundle = await buildForeign('no-text', 'result := {"decision": "deny"}');
    await expect(open(bundle)).rejects.toThrow('but gave no text');
  });

  it('gives no result for an empty input', async () => {
    const bundle = await buildForeign('undefined', `result := \`${deny}\` if input.v == 1`);
    await expect(open(bundle)).rejects.toThrow('but gave no text');
  });

  it('fails on an ordinary transfer', async () => {
    const bundle = await buildForeign('failing', `result := text if {\n\tinput.v == 1\n\tsome text in ["a", "b"]\n}`);
    await expect(open(bundle)).rejects.toThrow('the policy fails on an ordinary transfer');
  });

  it('gives a malformed document', async () => {
    const bundle = await buildForeign('malformed', 'result := "{}"');
    await expect(open(bundle)).rejects.toThrow('POLICY_RESULT_MALFORMED');
  });

  it('needs a builtin that is not in WebAssembly', async () => {
    const bundle = await buildForeign('host-builtin', `result := \`${deny}\` if sprintf("%d", [input.v]) != "2"`);
    await expect(open(bundle)).rejects.toThrow('it needs builtins that are not in WebAssembly: sprintf');
  });

  it('has another entrypoint', async () => {
    const bundle = await buildForeign('other-entrypoint', `other := \`${deny}\``);
    await expect(open(bundle)).rejects.toThrow('.manifest');
    const manifest = (await readFile(join(bundle, '.manifest'), 'utf8')).replace('main/other', 'main/result');
    await writeFile(join(bundle, '.manifest'), manifest);
    await expect(open(bundle)).rejects.toThrow('policy.wasm: it has no entrypoint countersign/main/result');
  });

  it('serves when it denies as it must', async () => {
    const bundle = await buildForeign('denies', `result := \`${deny}\``);
    expect((await open(bundle)).evaluate(INPUT)).toMatchObject({ kind: 'deny', reasons: [{ code: 'NO' }] });
  });
});
