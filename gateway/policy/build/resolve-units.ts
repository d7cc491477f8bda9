// Owns how symbols and units leave the policy data: where the schema says asset or amount, the sources may say USDC and "250 USDC".
import type { CanonicalValue } from '../../core/canonical-json.ts';
import { isJsonList } from '../../core/decision/json-value.ts';
import { parseAmount } from './amounts.ts';
import { type Assets, assetNamed } from './assets.ts';
import type { SchemaObject } from './data-schema.ts';
import { isSourceList, isSourceObject, pathText, type SourceValue } from './source-value.ts';

const DEFINITIONS = '#/definitions/';
const ADDRESS = /^[1-9A-HJ-NP-Za-km-z]{32,44}$/;
const A_MINT = 'So11111111111111111111111111111111111111112';
const DEEPEST = 64;

export interface Resolved {
  readonly value: SourceValue;
  readonly problems: readonly string[];
}

interface Place {
  readonly path: readonly (string | number)[];
  /** What the object around it is about: `SOL` or a mint. */
  readonly asset: string | null;
}

interface Walk {
  readonly schema: SchemaObject;
  readonly assets: Assets;
  readonly problems: string[];
  /** What applies where a schema does: the same schema judges many agents. */
  readonly applying: Map<SchemaObject, readonly SchemaObject[]>;
}

/** What is wrong is told once: a placeholder stands for it in the value, which is then of no use. */
export function resolveUnits(value: SourceValue, schema: SchemaObject, assets: Assets): Resolved {
  const problems: string[] = [];
  const place = { path: ['data', 'countersign'], asset: null };
  return { value: resolved(value, [schema], place, { schema, assets, problems, applying: new Map() }), problems };
}

/** `schemas`: all that say something of this value. */
function resolved(value: SourceValue, schemas: readonly SchemaObject[], place: Place, walk: Walk): SourceValue {
  if (place.path.length > DEEPEST) throw new Error(`${pathText(place.path)}: it is nested too deep`);
  const here = schemas.flatMap((schema) => applyingIn(walk, schema));
  if (typeof value === 'string') return resolvedText(value, here, place, walk);
  if (isSourceList(value)) {
    const items = here.flatMap(({ items }) => schemasIn(items));
    return value.map((item, at) => resolved(item, items, { ...place, path: [...place.path, at] }, walk));
  }
  return isSourceObject(value) ? resolvedObject(value, here, place, walk) : value;
}

function resolvedObject(
  value: { readonly [key: string]: SourceValue },
  here: readonly SchemaObject[],
  place: Place,
  walk: Walk,
): SourceValue {
  const byAsset = here.some(({ propertyNames }) => takesAssets(propertyNames));
  const byMint = !byAsset && /^mints?$/.test(String(place.path.at(-1)));
  const about =
    typeof value.asset === 'string' ? (walk.assets.bySymbol.get(value.asset)?.id ?? value.asset) : place.asset;
  const entries: [string, SourceValue][] = [];
  for (const [key, item] of Object.entries(value)) {
    const path = [...place.path, key];
    const name = byAsset || (byMint && walk.assets.bySymbol.has(key)) ? assetKey(key, path, walk) : key;
    if (entries.some(([other]) => other === name)) {
      walk.problems.push(`${pathText(path)}: ${name} stands here twice, by its symbol and by its address`);
    }
    const asset = byAsset ? name : /_lamports$/.test(key) ? 'SOL' : about;
    entries.push([
      name,
      resolved(
        item,
        here.flatMap((schema) => memberSchemas(schema, key)),
        { path, asset },
        walk,
      ),
    ]);
  }
  return Object.fromEntries(entries);
}

function assetKey(key: string, path: Place['path'], { assets, problems }: Walk): string {
  if (ADDRESS.test(key)) return key;
  const asset = assetNamed(key, assets);
  if (typeof asset !== 'string') return asset.id;
  problems.push(`${pathText(path)}: ${asset}`);
  return A_MINT;
}

function resolvedText(text: string, here: readonly SchemaObject[], { path, asset }: Place, walk: Walk): SourceValue {
  if (here.some(takesAssets) && !ADDRESS.test(text)) return assetKey(text, path, walk);
  if (!here.some((schema) => takesAmounts(schema, path, asset))) return text;
  const amount = parseAmount(text, walk.assets, asset);
  if (amount.kind === 'amount') return amount.baseUnits;
  if (amount.kind === 'other') return text;
  walk.problems.push(`${pathText(path)}: ${amount.problem}`);
  return 0n;
}

const assetPatterns = new Map<string, boolean>();

/** By what it takes, not by what it is called: SOL and mints, and no other word. */
function takesAssets(schema: CanonicalValue | undefined): boolean {
  const { pattern } = Object(schema);
  if (typeof pattern !== 'string') return false;
  const known = assetPatterns.get(pattern);
  if (known !== undefined) return known;
  const expression = new RegExp(pattern, 'u');
  const takes = expression.test('SOL') && expression.test(A_MINT) && !expression.test('word');
  assetPatterns.set(pattern, takes);
  return takes;
}

/** An integer that counts base units: it says so, or it is the maximum of something that is about an asset. */
function takesAmounts({ type, description }: SchemaObject, path: Place['path'], asset: string | null): boolean {
  if (type !== 'integer') return false;
  return /base units|lamports/i.test(String(description)) || (asset !== null && path.at(-1) === 'max');
}

function applyingIn(walk: Walk, schema: SchemaObject): readonly SchemaObject[] {
  const known = walk.applying.get(schema);
  if (known !== undefined) return known;
  const found = applying(schema, walk.schema);
  walk.applying.set(schema, found);
  return found;
}

/** The schema itself, and every one that it refers to, joins or offers. */
function applying(
  schema: SchemaObject,
  root: SchemaObject,
  seen: ReadonlySet<SchemaObject> = new Set(),
): readonly SchemaObject[] {
  if (seen.has(schema)) return [];
  const deeper = new Set([...seen, schema]);
  const more = [
    ...(typeof schema.$ref === 'string' ? schemasIn(definition(schema.$ref, root)) : []),
    ...['allOf', 'anyOf', 'oneOf'].flatMap((key) => schemasIn(schema[key])),
  ];
  return [schema, ...more.flatMap((one) => applying(one, root, deeper))];
}

function definition(reference: string, root: SchemaObject): CanonicalValue | undefined {
  return reference.startsWith(DEFINITIONS) ? Object(root.definitions)[reference.slice(DEFINITIONS.length)] : undefined;
}

function memberSchemas({ properties, additionalProperties }: SchemaObject, key: string): readonly SchemaObject[] {
  const own: Readonly<Record<string, CanonicalValue>> = Object(properties);
  return schemasIn(Object.hasOwn(own, key) ? own[key] : additionalProperties);
}

function schemasIn(value: CanonicalValue | undefined): readonly SchemaObject[] {
  if (value === undefined || typeof value !== 'object' || value === null) return [];
  if (isJsonList(value)) return value.flatMap(schemasIn);
  return [Object(value)];
}
