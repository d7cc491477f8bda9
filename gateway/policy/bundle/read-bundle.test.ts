import { describe, expect, it } from 'vitest';
import type { BundleFiles } from './bundle.ts';
import { contentDigest } from './content-digest.ts';
import { readBundle } from './read-bundle.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const RESULT = { entrypoint: 'countersign/main/result', module: '/policy.wasm' };
const EXPLANATION = { entrypoint: 'countersign/main/explanation', module: '/policy.wasm' };
const SEALED = {
  format: 1,
  input_version: 1,
  content_sha256: contentDigest(bytes('wasm'), bytes('{"a":1}'), []),
  built_at: '2026-11-21T07:20:00Z',
  git_commit: 'c0ffee'.padEnd(40, '0'),
};

interface Change {
  readonly sealed?: object;
  readonly manifest?: object;
  readonly files?: Readonly<Record<string, string>>;
}

function filesOf({ sealed = {}, manifest = {}, files = {} }: Change = {}): BundleFiles {
  const metadata = { countersign: { ...SEALED, ...sealed } };
  const text = JSON.stringify({ revision: 'r1', roots: [''], wasm: [RESULT], rego_version: 1, metadata, ...manifest });
  const all = { '.manifest': text, 'data.json': '{"a":1}', 'policy.wasm': 'wasm', ...files };
  return new Map(Object.entries(all).map(([path, content]) => [path, bytes(content)]));
}

const read = (change?: Change) => readBundle(filesOf(change), 'x');
const refused = (change: Change, what: string) => expect(() => read(change)).toThrow(what);

describe('a bundle', () => {
  it('says what it was built from, when, and as what', () => {
    expect(read()).toEqual({
      label: 'x',
      revision: 'r1',
      builtAt: Date.UTC(2026, 10, 21, 7, 20),
      gitCommit: SEALED.git_commit,
      explains: false,
      wasm: bytes('wasm'),
      data: bytes('{"a":1}'),
      dataSchema: null,
      idls: [],
      fixtures: [],
    });
  });

  it('may explain, in whatever order its entrypoints stand, and whatever opa notes of them', () => {
    const annotations = [{ scope: 'document', title: 'Result' }];
    for (const wasm of [
      [RESULT, EXPLANATION],
      [EXPLANATION, { ...RESULT, annotations }],
    ]) {
      expect(read({ manifest: { wasm } }).explains).toBe(true);
    }
  });

  it('brings fixtures, sorted by name, and the schema of its data', () => {
    const { fixtures, dataSchema } = read({
      files: { 'fixtures/b.json': '{}', 'fixtures/a-1.json': '[]', 'schema/data.json': '{"type":"object"}' },
    });
    expect(fixtures).toEqual([
      { name: 'a-1', bytes: bytes('[]') },
      { name: 'b', bytes: bytes('{}') },
    ]);
    expect(dataSchema).toEqual(bytes('{"type":"object"}'));
  });

  it('of plain `opa build` has a revision that its content is part of, and says little else', () => {
    const plain = read({ manifest: { metadata: undefined } });
    expect(plain).toMatchObject({
      revision: `r1.${SEALED.content_sha256.slice(0, 16)}`,
      builtAt: null,
      gitCommit: null,
    });
  });

  it('may say less of itself, as bundles did before', () => {
    const older = { format: undefined, input_version: undefined, built_at: undefined, git_commit: undefined };
    expect(read({ sealed: older })).toMatchObject({ revision: 'r1', builtAt: null, gitCommit: null });
  });

  it('is built at the same moment, in whatever zone that is written', () => {
    expect(read({ sealed: { built_at: '2026-11-21T08:20:00.250+01:00' } }).builtAt).toBe(
      Date.UTC(2026, 10, 21, 7, 20, 0, 250),
    );
  });
});

describe('a bundle is refused', () => {
  it('when it is for another gateway than this one, saying what this one judges', () => {
    refused({ sealed: { format: 2 } }, 'this gateway knows bundle format 1; a newer one is needed');
    refused({ sealed: { input_version: 2 } }, 'this gateway knows input version 1; a newer one is needed');
    for (const wrong of ['1', null, 1.5, [1]]) {
      refused({ sealed: { format: wrong } }, 'this gateway knows bundle format 1');
      refused({ sealed: { input_version: wrong } }, 'this gateway knows input version 1');
    }
  });

  it.each<[string, object]>([
    ['a hash that is none', { content_sha256: 'x' }],
    ['no hash', { content_sha256: undefined }],
    ['a time that is none', { built_at: 'yesterday' }],
    ['a time of no zone', { built_at: '2026-11-21T07:20:00' }],
    ['a time as a number', { built_at: 1 }],
    ['a commit that is none', { git_commit: 'main' }],
    ['a short commit', { git_commit: 'c0ffee' }],
  ])('when it says %s', (_, sealed) => {
    refused({ sealed }, 'policy bundle x: .manifest: ');
  });

  it('when its content is not what it was built with', () => {
    refused({ files: { 'data.json': '{"a":2}' } }, 'is not what the bundle was built with');
    refused({ files: { 'policy.wasm': 'other' } }, 'is not what the bundle was built with');
    refused({ sealed: { content_sha256: '0'.repeat(64) } }, 'is not what the bundle was built with');
  });

  it('when its entrypoints are none of these, or one stands twice', () => {
    for (const wasm of [
      [],
      [EXPLANATION],
      [RESULT, RESULT],
      [RESULT, EXPLANATION, EXPLANATION],
      [{ ...RESULT, module: '/x.wasm' }],
    ]) {
      refused({ manifest: { wasm } }, '.manifest: ');
    }
  });

  it.each(['.manifest', 'data.json', 'policy.wasm', 'fixtures/a.json', 'schema/data.json'])(
    'when %s is empty',
    (path) => {
      refused({ files: { [path]: '' } }, `policy bundle x: ${path}: it `);
    },
  );

  it.each(['fixtures/a.txt', 'fixtures/.json', 'fixtures/a/b.json', 'fixtures/a b.json', 'fixtures/-a.json'])(
    'when it has a fixture %s',
    (path) => {
      refused({ files: { [path]: '{}' } }, `policy bundle x: ${path}: a file here must be called <name>.json`);
    },
  );

  it('when it has too many fixtures', () => {
    const files = Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`fixtures/f${i}.json`, '{}']));
    refused({ files }, 'fixtures: it holds 1001 files; at most 1000 are read');
  });

  it.each(['patch.json', 'a/data.json', 'data.yaml', 'x/.manifest', 'plan.json', '../x', 'a//b'])(
    'when it has a file %s',
    (path) => {
      refused({ files: { [path]: '{}' } }, `policy bundle x: ${path}: `);
    },
  );

  it('when the schema of its data is no object', () => {
    refused({ files: { 'schema/data.json': 'true' } }, 'schema/data.json: it must hold a JSON object');
    refused({ files: { 'schema/data.json': '{' } }, 'schema/data.json: it is not JSON');
  });
});
