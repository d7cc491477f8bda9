import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BundleFiles } from '../bundle/bundle.ts';
import { signBundle } from '../bundle/sign-bundle.ts';
import { keyPair } from '../bundle/testing/signing-keys.ts';
import { writeArchive } from '../bundle/write-archive.ts';
import { openPrepared } from './open-prepared.ts';
import type { Verification } from './preparation.ts';
import { createPreparer, type Preparer } from './preparer.ts';
import { TINY_INPUT, TINY_REGO, type TinyBundle, tinyBundle } from './testing/tiny-bundles.ts';

const UNSIGNED: Verification = { keys: [], allowUnsigned: true };
const LABEL = 'git https://policies.example';

let preparer: Preparer;

beforeAll(() => {
  preparer = createPreparer();
});

afterAll(() => preparer.close());

function prepareFiles(files: BundleFiles, verification: Verification | null = UNSIGNED) {
  return preparer.prepare({ label: LABEL, content: { kind: 'files', files }, verification });
}

async function prepare(tiny: Partial<TinyBundle> = {}, verification: Verification | null = UNSIGNED) {
  return prepareFiles(await tinyBundle({ revision: 'r1', ...tiny }), verification);
}

function changed(files: BundleFiles, path: string, content: string): BundleFiles {
  return new Map([...files, [path, new TextEncoder().encode(content)]]);
}

const always = (result: string) => `result := \`${result}\``;
const DENIAL =
  '{"approval":null,"decision":"deny","limits":[],"reasons":[{"code":"NO","facts":{},"message":"no","rule":"main"}],"v":1}';

describe('a bundle that is right', () => {
  it('decides, explains, and is packed as it would be anywhere', async () => {
    const files = await tinyBundle({ revision: 'r1', note: 'the first', agents: 3 });
    const prepared = await prepareFiles(files);
    expect(prepared).toMatchObject({ revision: 'r1', builtAt: expect.any(Number), signedBy: null });
    expect(prepared.archive).toEqual(writeArchive(files));
    const generation = await openPrepared(prepared, () => {});
    expect(generation.evaluate(TINY_INPUT)).toMatchObject({ kind: 'allow', reasons: [{ message: 'the first' }] });
    expect(generation.evaluate(new TextEncoder().encode('{"agent":{"id":"nobody"},"v":1}')).kind).toBe('deny');
    expect(JSON.parse(generation.explain(TINY_INPUT) ?? '')).toEqual({ v: 1, decision: 'allow', main: [], rules: [] });
  });

  it('is the same out of its archive', async () => {
    const files = await tinyBundle({ revision: 'r1' });
    const { archive, contentDigest } = await prepareFiles(files);
    const content = { kind: 'archive', archive } as const;
    const again = await preparer.prepare({ label: LABEL, content, verification: UNSIGNED });
    expect(again).toMatchObject({ revision: 'r1', archive, contentDigest });
  });

  it('tells the time zones of its data', async () => {
    const data = '{"countersign":{"note":"n","agents":{},"hours":{"time_zone":"Europe/Zurich"}}}';
    expect((await prepare({ data })).timeZones).toEqual(['Europe/Zurich']);
  });

  it('meets its fixtures, with integers of any size', async () => {
    const input = '{"agent":{"id":"agent-0"},"amount":18446744073709551617,"v":1}';
    const rego = TINY_REGO.replace('input.v == 1', 'input.v == 1\n\tinput.amount == 18446744073709551617');
    const fixture = `{"description": "big", "input": ${input}, "expect": {"decision": "allow", "reasons": ["NOTED"]}}`;
    expect(await prepare({ rego, more: { 'fixtures/big.json': fixture } })).toMatchObject({ revision: 'r1' });
  });
});

describe('signatures', () => {
  const release = keyPair('ES256', 'release');
  const stranger = keyPair('ES256', 'release');
  const signed: Verification = { keys: [release.verifying], allowUnsigned: false };

  it('of a key that is configured are taken, and the key is told', async () => {
    const files = signBundle(await tinyBundle({ revision: 'r1' }), release.signing);
    expect((await prepareFiles(files, signed)).signedBy).toBe('release');
  });

  it('are asked for where nothing says otherwise', async () => {
    await expect(prepare({}, signed)).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
    await expect(prepare({}, { keys: [], allowUnsigned: false })).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
      message: expect.stringContaining('no key is configured that could verify it'),
    });
  });

  it('of another key are refused, also where unsigned bundles are taken', async () => {
    const files = signBundle(await tinyBundle({ revision: 'r1' }), stranger.signing);
    await expect(prepareFiles(files, signed)).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
    const lax = { ...signed, allowUnsigned: true };
    await expect(prepareFiles(files, lax)).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
  });

  it('are not those of a bundle that was changed after', async () => {
    const files = signBundle(await tinyBundle({ revision: 'r1' }), release.signing);
    await expect(prepareFiles(changed(files, 'main.rego', '# other'), signed)).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
    });
  });

  it('are not asked of what the gateway built itself', async () => {
    expect((await prepare({}, null)).signedBy).toBeNull();
  });
});

describe('a bundle is refused, with the code and the place, when', () => {
  it('its content is not what its manifest promises', async () => {
    const files = changed(await tinyBundle({ revision: 'r1' }), 'data.json', '{"countersign":{}}');
    await expect(prepareFiles(files)).rejects.toMatchObject({
      code: 'BUNDLE_MALFORMED',
      message: expect.stringContaining(`policy bundle ${LABEL}: .manifest: `),
    });
  });

  it('its archive is half downloaded', async () => {
    const archive = writeArchive(await tinyBundle({ revision: 'r1' }));
    const content = { kind: 'archive', archive: archive.slice(0, archive.length / 2) } as const;
    const half = preparer.prepare({ label: LABEL, content, verification: UNSIGNED });
    await expect(half).rejects.toMatchObject({ code: 'BUNDLE_MALFORMED' });
  });

  it('an IDL cannot be read', async () => {
    const more = { 'idls/Stake11111111111111111111111111111111111112.json': '{}' };
    await expect(prepare({ more })).rejects.toMatchObject({ code: expect.stringMatching(/IDL_INVALID|MALFORMED/) });
    const named = { 'idls/dRiftyHA39MWEi3m9aunc5MzRF1JYuBsbn6VPcn33UH.json': '{}' };
    await expect(prepare({ more: named })).rejects.toMatchObject({ code: 'IDL_INVALID' });
  });

  it('its data do not fit its schema', async () => {
    const dataSchema = '{"type":"object","properties":{"agents":{"type":"string"}}}';
    await expect(prepare({ dataSchema })).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringContaining('data.countersign.agents'),
    });
  });

  it('it has no schema, by which anybody could tell whether its data are right', async () => {
    await expect(prepare({ dataSchema: null })).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringMatching(/schema\/data\.json: .*build it with `countersign policy build`/),
    });
  });

  it('its data name a time zone that does not exist', async () => {
    const data = '{"countersign":{"note":"n","agents":{},"time_zone":"Mars/Olympus"}}';
    await expect(prepare({ data })).rejects.toMatchObject({ code: 'DATA_INVALID' });
  });

  it('it would allow an input without facts', async () => {
    await expect(prepare({ rego: always(DENIAL.replace('deny', 'allow')) })).rejects.toMatchObject({
      code: 'SELF_TEST_FAILED',
      message: expect.stringContaining('the input "" must be denied'),
    });
  });

  it('a fixture gets another decision, or another reason, or fails', async () => {
    const input = '{"agent":{"id":"agent-0"},"v":1}';
    const more = {
      'fixtures/a.json': `{"input": ${input}, "expect": {"decision": "deny"}}`,
      'fixtures/b.json': `{"input": ${input}, "expect": {"decision": "allow", "reasons": ["NOTED", "OTHER"]}}`,
      'fixtures/c.json': `{"input": ${input}, "expect": {"decision": "allow"}}`,
    };
    await expect(prepare({ more })).rejects.toMatchObject({
      code: 'FIXTURE_FAILED',
      message: [
        `policy bundle ${LABEL}: fixtures/a.json: expected deny, but the policy gives allow (NOTED)`,
        'fixtures/b.json: expected allow (NOTED, OTHER), but the policy gives allow (NOTED)',
      ].join('\n'),
    });
  });

  it('a fixture expects what no policy gives', async () => {
    const more = { 'fixtures/a.json': '{"input": {}, "expect": {"decision": "maybe"}}' };
    await expect(prepare({ more })).rejects.toMatchObject({ code: 'FIXTURE_FAILED' });
  });

  it('its module is none', async () => {
    const files = changed(await tinyBundle({ revision: 'r1' }), 'policy.wasm', 'no module');
    const { '.manifest': _, ...rest } = Object.fromEntries(files);
    const manifest =
      '{"revision":"r1","roots":[""],"wasm":[{"entrypoint":"countersign/main/result","module":"/policy.wasm"}]}';
    const plain = changed(new Map(Object.entries(rest)), '.manifest', manifest);
    await expect(prepareFiles(plain)).rejects.toMatchObject({ code: 'MODULE_INVALID' });
  });
});

describe('a policy that loops', () => {
  const forever = `
result := json.marshal(json.unmarshal(\`${DENIAL}\`)) if {
	some a in numbers.range(1, 3000)
	some b in numbers.range(1, 3000)
	some c in numbers.range(1, 3000)
	a + b + c == 100000
}`;

  it('is refused within its time, and the next bundle is prepared', async () => {
    const impatient = createPreparer({ deadlineMs: 10_000 });
    const ask = async (tiny: TinyBundle) =>
      impatient.prepare({
        label: LABEL,
        content: { kind: 'files', files: await tinyBundle(tiny) },
        verification: UNSIGNED,
      });
    const refused = ask({ revision: 'r1', rego: forever });
    await expect(refused).rejects.toMatchObject({ code: expect.stringMatching(/TOO_EXPENSIVE|SELF_TEST_FAILED/) });
    expect((await ask({ revision: 'r2' })).revision).toBe('r2');
    await impatient.close();
  });
});
