// Owns how what people wrote as policy data becomes the data of a bundle: read, units resolved, and held against its schema.
import { extname } from 'node:path';
import type { CanonicalValue } from '../../core/canonical-json.ts';
import { approvalProblems } from './approval-problems.ts';
import { readAssets } from './assets.ts';
import { bytesOf } from './bundle-sources.ts';
import { walletsIn } from './data-parts.ts';
import { canonical, valueProblems } from './data-problems.ts';
import type { SchemaObject } from './data-schema.ts';
import { guardProblems } from './guard-problems.ts';
import { limitProblems } from './limit-problems.ts';
import { readJson, textOf } from './read-json.ts';
import { readYaml } from './read-yaml.ts';
import { resolveUnits } from './resolve-units.ts';
import type { Sentence } from './schema-sentences.ts';
import { type SourceFile, withPlaces } from './source-places.ts';
import { isSourceObject, pathText, type SourceObject, type SourceValue } from './source-value.ts';

/** Where policy data stands for Rego. */
export const DATA_ROOT = ['data', 'countersign'] as const;

/** JSON, or YAML by its name. Throws an Error that names the file. */
export async function readDataFile(file: string, label = `the policy data in ${file}`): Promise<SourceValue> {
  const text = textOf(await bytesOf(file), label);
  return readDataText(text, label, file);
}

/** The same of what `file` holds. */
export function readDataText(text: string, label: string, file = label): SourceValue {
  return extname(file) === '.json' ? readJson(text, label) : readYaml(text, label);
}

/**
 * `source`: `{"agents": …, "assets": …}`. Throws an Error with all that is wrong, a line each; `files`, where given, are what it was read
 * from.
 */
export function bundleData(
  source: SourceValue,
  schema: SchemaObject,
  files: readonly SourceFile[] = [],
): CanonicalValue {
  if (!isSourceObject(source)) throw new Error('the policy data must be an object: {"agents": {…}, "assets": {…}}');
  const assets = readAssets(bySymbol(source.assets), 'data.countersign.assets');
  const { assets: _, ...withoutAssets } = source;
  const resolved = resolveUnits(withoutAssets, schema, assets);
  const value = isSourceObject(resolved.value) ? { ...resolved.value, assets: assets.data } : resolved.value;
  const exact = canonical(value);
  const problems = [...assets.problems, ...resolved.problems, ...valueProblems(value, schema)];
  refuseAll('the policy data does not fit its schema', problems, files);
  refuseContradictions(impossibleIn(exact), files);
  return exact;
}

/** Throws an Error that names them all, if there are any, of settings that are each in order and could never be met. */
export function refuseContradictions(found: readonly Sentence[], files: readonly SourceFile[] = []): void {
  const problems = found.map(({ path, sentence }) => `${pathText(path)}: ${sentence}`);
  refuseAll('the policy data fits its schema and contradicts itself', problems, files);
}

function refuseAll(what: string, problems: readonly string[], files: readonly SourceFile[]): void {
  if (problems.length > 0) throw new Error(`${what}:\n${withPlaces(problems, files).join('\n')}`);
}

/**
 * Settings that fit the schema and contradict each other. Only whoever builds is told: a bundle that has them denies, and a gateway goes on
 * with it.
 */
function impossibleIn(data: CanonicalValue): readonly Sentence[] {
  return walletsIn(data, DATA_ROOT).flatMap(({ wallet, path }) => [
    ...guardProblems(wallet, path),
    ...limitProblems(wallet, path),
    ...approvalProblems(wallet, path),
  ]);
}

/** Data that went through a build once may go through another: there, assets stand by mint. */
function bySymbol(assets: SourceValue | undefined): SourceValue {
  if (assets === undefined) return {};
  if (!isSourceObject(assets)) return assets;
  return Object.fromEntries(
    Object.entries(assets).map(([name, asset]) => {
      const built = builtAsset(asset);
      return built === null ? [name, asset] : [built.symbol, { mint: name, decimals: built.decimals }];
    }),
  );
}

function builtAsset(asset: SourceValue): { readonly symbol: string; readonly decimals: SourceValue } | null {
  if (!isSourceObject(asset) || Object.keys(asset).sort().join() !== 'decimals,symbol') return null;
  const { symbol, decimals = null }: SourceObject = asset;
  return typeof symbol === 'string' ? { symbol, decimals } : null;
}
