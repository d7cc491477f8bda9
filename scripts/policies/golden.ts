// Owns the golden decisions: inputs with the decision that the data of the examples give them, by opa and by the gateway's engine.
import { glob, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { type CanonicalValue, canonicalJson } from '../../gateway/core/canonical-json.ts';
import { isJsonObject, parseJson } from '../../gateway/core/decision/json-value.ts';
import { runOpa } from '../../gateway/policy/build/opa.ts';

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
  await writeFile(file, `${pretty({ description, decision, input }, '')}\n`);
}

/** The agents of all example data together. */
export async function goldenData(directory: string): Promise<CanonicalValue> {
  const files = (await Array.fromAsync(glob('*.json', { cwd: directory }))).sort();
  const agents: Record<string, CanonicalValue> = {};
  for (const file of files) {
    const read = parseJson(await readFile(join(directory, file), 'utf8'));
    const found = isJsonObject(read) ? read.agents : undefined;
    if (found === undefined || !isJsonObject(found)) throw new Error(`${file}: policy data must be {"agents": {…}}`);
    Object.assign(agents, found);
  }
  return { agents };
}

/** JSON.stringify knows no bigint; short values stay on one line. */
function pretty(value: CanonicalValue, indent: string): string {
  const line = canonicalJson(value);
  if (indent.length + line.length <= 110 || typeof value !== 'object' || value === null) return line;
  const deeper = `${indent}  `;
  if (!isJsonObject(value)) {
    return `[\n${value.map((item) => deeper + pretty(item, deeper)).join(',\n')}\n${indent}]`;
  }
  const entries = Object.entries(value).map(
    ([key, item]) => `${deeper}${JSON.stringify(key)}: ${pretty(item, deeper)}`,
  );
  return `{\n${entries.join(',\n')}\n${indent}}`;
}

const PRINTED = z.object({
  result: z.tuple([z.object({ expressions: z.tuple([z.object({ value: z.record(z.string(), z.string()) })]) })]),
});

/** The decision documents, as JSON text by name, that opa itself gives; `bundle` is a built bundle directory. */
export async function decideByOpa(
  opa: string,
  bundle: string,
  cases: readonly GoldenCase[],
): Promise<Readonly<Record<string, string>>> {
  const work = await mkdtemp(join(tmpdir(), 'countersign-golden-'));
  try {
    const inputs = Object.fromEntries(cases.map(({ name, input }) => [name, input]));
    await writeFile(join(work, 'golden.json'), canonicalJson({ golden: inputs }));
    const policy = [join(bundle, 'countersign'), join(bundle, 'data.json'), join(work, 'golden.json')];
    const query =
      '{name: result | some name, document in data.golden; result := data.countersign.main.result with input as document}';
    const sources = policy.flatMap((path) => ['--data', path]);
    const printed = await runOpa(opa, ['eval', '--format', 'json', ...sources, query]);
    return PRINTED.parse(JSON.parse(printed)).result[0].expressions[0].value;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
