import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CanonicalValue, canonicalJsonBytes } from '../../gateway/core/canonical-json.ts';
import { parseJson } from '../../gateway/core/decision/json-value.ts';
import { buildBundle } from '../../gateway/policy/build/build-bundle.ts';
import { openGeneration } from '../../gateway/policy/evaluation/open-generation.ts';
import type { PolicyGeneration } from '../../gateway/policy/policy-engine.ts';
import { goldenData } from '../../scripts/policies/golden.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const ALLOWED = [
  'allow-sol-transfer',
  'allow-token-transfer',
  'allow-fee-paid-by-another',
  'allow-batch-of-named-instructions',
  'allow-durable-nonce-that-is-named',
  'allow-simulated-ordinary-payment',
  'allow-described-program-simulated',
];

type Path = readonly (string | number)[];

/** May be absent: what the mint or the chain did not tell, when nothing had to be read, and free-form maps. */
const MAY_BE_ABSENT = [/^context\./, /\.arguments\./, /\.(decimals|source_owner)$/, /^chain\.slot$/];
/** Free-form maps: their values are of many types. */
const OF_ANY_TYPE = [/\.arguments\./];

let directory: string;
let engine: PolicyGeneration;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'countersign-missing-'));
  const data = await goldenData(join(ROOT, 'policies', 'data'));
  await buildBundle({ data, outDir: join(directory, 'bundle') });
  engine = await openGeneration({ bundleDirectory: join(directory, 'bundle') });
});

afterAll(() => rm(directory, { recursive: true, force: true }));

describe.each(ALLOWED)('[17 vacuous rules] %s', (name) => {
  it('twin: is allowed as it is', async () => {
    expect(verdictOf(await input(name))).toBe('allow');
  });

  it('is not allowed with any one fact missing', async () => {
    const document = await input(name);
    const allowed = pathsOf(document)
      .filter((path) => verdictOf(without(document, path)) === 'allow')
      .map((path) => path.join('.'))
      .filter((path) => !MAY_BE_ABSENT.some((pattern) => pattern.test(path)));
    expect(allowed).toEqual([]);
  });

  it('is not allowed with any one fact of another type', async () => {
    const document = await input(name);
    const wrong: readonly CanonicalValue[] = [null, true, 'x', -1n, []];
    const allowed = pathsOf(document)
      .filter((path) => !OF_ANY_TYPE.some((pattern) => pattern.test(path.join('.'))))
      .flatMap((path) =>
        wrong
          .filter((value) => kindOf(value) !== kindOf(at(document, path)))
          .filter((value) => verdictOf(changed(document, path, value)) === 'allow')
          .map((value) => `${path.join('.')} as ${kindOf(value)}`),
      );
    expect(allowed).toEqual([]);
  });
});

async function input(name: string): Promise<CanonicalValue> {
  const golden = parseJson(await readFile(join(ROOT, 'policies', 'golden', `${name}.json`), 'utf8'));
  if (!isObject(golden) || golden.input === undefined) throw new Error(`${name} has no input`);
  return golden.input;
}

function verdictOf(document: CanonicalValue): string {
  return engine.evaluate(canonicalJsonBytes(document)).kind;
}

function kindOf(value: CanonicalValue): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'list' : typeof value;
}

/** Every key, at every depth. */
function pathsOf(value: CanonicalValue, above: Path = []): readonly Path[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => pathsOf(item, [...above, i]));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => [[...above, key], ...pathsOf(item, [...above, key])]);
}

function at(value: CanonicalValue, [first, ...rest]: Path): CanonicalValue {
  if (first === undefined) return value;
  const item = Array.isArray(value) ? value[Number(first)] : isObject(value) ? value[first] : null;
  return at(item ?? null, rest);
}

function without(value: CanonicalValue, path: Path): CanonicalValue {
  return changed(value, path, undefined);
}

function changed(value: CanonicalValue, [first, ...rest]: Path, to: CanonicalValue | undefined): CanonicalValue {
  if (first === undefined) throw new Error('no path');
  if (Array.isArray(value)) {
    return value.flatMap((item, i) => {
      if (i !== first) return [item];
      if (rest.length > 0) return [changed(item, rest, to)];
      return to === undefined ? [] : [to];
    });
  }
  if (!isObject(value)) throw new Error('the path leads nowhere');
  const { [first]: item, ...others } = value;
  if (rest.length > 0) return { ...others, [first]: changed(item ?? null, rest, to) };
  return to === undefined ? others : { ...others, [first]: to };
}

function isObject(value: CanonicalValue): value is { readonly [key: string]: CanonicalValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
