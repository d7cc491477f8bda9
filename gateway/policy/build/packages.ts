// Owns which package each Rego file is in, as opa itself reads it: a name can be written in more than one way.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { BundleFiles } from '../bundle/bundle.ts';
import { writeFiles } from './compile.ts';
import { runOpa } from './opa.ts';
import { madeOnce } from './opa-cache.ts';

/** By path of each Rego file: its package, without `data.`, in the one form in which opa writes it. */
export type Packages = ReadonlyMap<string, string>;

const INSPECTED = z.object({ namespaces: z.record(z.string(), z.array(z.string())).default({}) });
const INSPECT = ['inspect', '--format', 'json', '.'];
const RULE = /^countersign\.rules\.([a-z][a-z0-9_]*)$/;

/** Throws with what opa said where a file does not parse. */
export async function packagesOf(opa: string, files: BundleFiles): Promise<Packages> {
  const rego = new Map([...files].filter(([path]) => path.endsWith('.rego')));
  if (rego.size === 0) return new Map();
  const said = await madeOnce({ opa, args: INSPECT, files: rego }, () => inspected(opa, rego));
  const { namespaces } = INSPECTED.parse(JSON.parse(new TextDecoder().decode(said)));
  const packages = new Map(
    Object.entries(namespaces).flatMap(([name, paths]) => paths.map((path) => [path, name.replace(/^data\./, '')])),
  );
  const missed = [...rego.keys()].find((path) => !packages.has(path));
  if (missed !== undefined) throw new Error(`${missed}: opa names no package of it`);
  return packages;
}

async function inspected(opa: string, rego: BundleFiles): Promise<Uint8Array<ArrayBuffer>> {
  const work = await mkdtemp(join(tmpdir(), 'countersign-packages-'));
  try {
    await writeFiles(work, rego);
    return new TextEncoder().encode(await runOpa(opa, INSPECT, work));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Names of the rules that the packages are, each once. */
export function rulesIn(packages: Packages): readonly string[] {
  const names = [...packages.values()].flatMap((name) => RULE.exec(name)?.[1] ?? []);
  return [...new Set(names)].sort();
}

/** A package of one's own where the library or the data are would change what they say. Throws an Error that names the file. */
export function refuseIntrusion(library: Packages, own: Packages): void {
  for (const [path, name] of own) {
    const taken = new Set(library.values()).values().find((theirs) => name === theirs || isBelow(name, theirs));
    if (taken !== undefined) throw new Error(`${path}: package ${taken} is the library's; give yours another name`);
    if (name === 'countersign' || (isBelow(name, 'countersign') && !name.startsWith('countersign.rules.'))) {
      throw new Error(
        `${path}: package ${name} could change what the library and the data say; of countersign, only countersign.rules.<rule> is yours`,
      );
    }
  }
}

function isBelow(name: string, above: string): boolean {
  return name.startsWith(`${above}.`) || name.startsWith(`${above}[`);
}
