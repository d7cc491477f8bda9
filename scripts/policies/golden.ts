// Owns the golden decisions: inputs with the decision that the data of the examples give them.
import { glob, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { prettyJson } from '../../gateway/authoring/fixtures/fixture-document.ts';
import type { CanonicalValue } from '../../gateway/core/canonical-json.ts';
import { isJsonObject, parseJson } from '../../gateway/core/decision/json-value.ts';

export interface GoldenCase {
  readonly name: string;
  readonly file: string;
  readonly description: CanonicalValue;
  readonly input: CanonicalValue;
  readonly decision: CanonicalValue;
}

/** By name. Each file holds `{description, decision, input}`. */
export async function readGoldenCases(directory: string): Promise<readonly GoldenCase[]> {
  const files = (await Array.fromAsync(glob('*.json', { cwd: directory }))).sort();
  return await Promise.all(files.map((file) => readGoldenCase(join(directory, file))));
}

async function readGoldenCase(file: string): Promise<GoldenCase> {
  const read = parseJson(await readFile(file, 'utf8'));
  if (!isJsonObject(read)) throw new Error(`${file}: a golden case must be an object`);
  const { description, input, decision } = read;
  if (description === undefined || input === undefined || decision === undefined) {
    throw new Error(`${file}: a golden case must have description, decision and input`);
  }
  return { name: basename(file, '.json'), file, description, input, decision };
}

/** Writes the case anew with another decision. */
export async function writeGoldenCase(
  { file, description, input }: Pick<GoldenCase, 'file' | 'description' | 'input'>,
  decision: CanonicalValue,
): Promise<void> {
  await writeFile(file, `${prettyJson({ description, decision, input })}\n`);
}

/** The agents of all example data together, and the assets that they name. Throws where two files declare the same. */
export async function goldenData(directory: string): Promise<CanonicalValue> {
  const files = (await Array.fromAsync(glob('*.json', { cwd: directory }))).sort();
  const [agents, assets] = [new Map<string, CanonicalValue>(), new Map<string, CanonicalValue>()];
  for (const file of files) {
    const read = parseJson(await readFile(join(directory, file), 'utf8'));
    const { agents: found, assets: declared = {} } = isJsonObject(read) ? read : {};
    if (found === undefined || !isJsonObject(found) || !isJsonObject(declared)) {
      throw new Error(`${file}: policy data must be {"agents": {…}}, perhaps with "assets"`);
    }
    add(agents, found, file);
    add(assets, declared, file);
  }
  return { agents: Object.fromEntries(agents), assets: Object.fromEntries(assets) };
}

function add(all: Map<string, CanonicalValue>, found: { readonly [name: string]: CanonicalValue }, file: string): void {
  for (const [name, value] of Object.entries(found)) {
    if (all.has(name)) throw new Error(`${file}: ${name} stands in another file of the example data too`);
    all.set(name, value);
  }
}
