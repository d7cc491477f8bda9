// Owns small bundles for tests of activation: a policy of a few lines, whose reasons carry a note of the bundle's data.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalJson } from '../../../core/canonical-json.ts';
import { findOpa, runOpa } from '../../build/opa.ts';
import type { BundleFiles } from '../../bundle/bundle.ts';
import { contentDigest } from '../../bundle/content-digest.ts';
import { idlFilesIn } from '../../bundle/idl-files.ts';
import { readArchive } from '../../bundle/read-archive.ts';
import { ENTRYPOINT, EXPLANATION } from '../../bundle/read-bundle.ts';

/** Allows what an agent of the data asks, with the note of the data as the reason's message. */
export const TINY_REGO = `
default decision := "deny"

decision := "allow" if {
	input.v == 1
	data.countersign.agents[input.agent.id]
}

result := json.marshal({
	"v": 1,
	"decision": decision,
	"limits": [],
	"approval": null,
	"reasons": [{"code": "NOTED", "rule": "main", "message": data.countersign.note, "facts": {}}],
})

explanation := json.marshal({"v": 1, "decision": decision, "main": [], "rules": []})
`;

export interface TinyBundle {
  readonly revision: string;
  readonly note?: string;
  /** Unix milliseconds. */
  readonly builtAt?: number | null;
  /** Below `package countersign.main`. */
  readonly rego?: string;
  readonly agents?: number;
  readonly data?: string;
  /** Without it, any data will do; `null`: there is none. */
  readonly dataSchema?: string | null;
  /** By path. */
  readonly more?: Readonly<Record<string, string>>;
}

const NOON = Date.UTC(2026, 10, 21, 12);

/** Unix milliseconds, so many minutes after a certain noon. */
export function minutesAfterNoon(minutes: number): number {
  return NOON + minutes * 60_000;
}

export async function tinyBundle(tiny: TinyBundle): Promise<BundleFiles> {
  const rego = tiny.rego ?? TINY_REGO;
  const text = (content: string) => new TextEncoder().encode(content);
  const files = new Map<string, Uint8Array<ArrayBuffer>>([
    ['policy.wasm', await compiled(rego)],
    ['data.json', text(tiny.data ?? tinyData(tiny.note ?? tiny.revision, tiny.agents ?? 1))],
    ['main.rego', text(rego)],
  ]);
  if (tiny.dataSchema !== null) files.set('schema/data.json', text(tiny.dataSchema ?? '{}'));
  for (const [path, content] of Object.entries(tiny.more ?? {})) files.set(path, text(content));
  files.set('.manifest', text(manifestOf(files, tiny)));
  return files;
}

/** An input of agent-0, whom every tiny bundle names. */
export const TINY_INPUT = new TextEncoder().encode('{"agent":{"id":"agent-0"},"v":1}');

function tinyData(note: string, agents: number): string {
  const wallet = { enabled: ['spending_limit'], spending_limit: { per_transaction: { SOL: 1_000_000_000 } } };
  const addresses = Array.from({ length: 8 }, (_, i) => `${'A'.repeat(42)}${i}`);
  const agent = { wallets: { treasury: { ...wallet, address_allowlist: { addresses } } } };
  const named = Array.from({ length: agents }, (_, i) => [`agent-${i}`, agent]);
  return JSON.stringify({ countersign: { note, agents: Object.fromEntries(named) } });
}

function manifestOf(files: BundleFiles, { revision, builtAt = NOON }: TinyBundle): string {
  const bytes = (path: string) => files.get(path) ?? new Uint8Array();
  const digest = contentDigest(bytes('policy.wasm'), bytes('data.json'), idlFilesIn(files, revision));
  return canonicalJson({
    revision,
    roots: [''],
    rego_version: 1n,
    wasm: [ENTRYPOINT, EXPLANATION].map((entrypoint) => ({ entrypoint, module: '/policy.wasm' })),
    metadata: {
      countersign: {
        format: 1n,
        input_version: 1n,
        content_sha256: digest,
        ...(builtAt === null ? {} : { built_at: new Date(builtAt).toISOString() }),
      },
    },
  });
}

const modules = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();

function compiled(rego: string): Promise<Uint8Array<ArrayBuffer>> {
  const known = modules.get(rego) ?? compile(rego);
  modules.set(rego, known);
  return known;
}

async function compile(rego: string): Promise<Uint8Array<ArrayBuffer>> {
  const work = await mkdtemp(join(tmpdir(), 'countersign-tiny-'));
  try {
    const source = rego.includes('explanation') ? rego : `${rego}\nexplanation := "{}"\n`;
    await writeFile(join(work, 'main.rego'), `package countersign.main\n${source}`);
    const archive = join(work, 'bundle.tar.gz');
    const entrypoints = [ENTRYPOINT, EXPLANATION].flatMap((entrypoint) => ['--entrypoint', entrypoint]);
    const build = [
      'build',
      '--target',
      'wasm',
      '--optimize',
      '0',
      ...entrypoints,
      '--output',
      archive,
      '--bundle',
      '.',
    ];
    await runOpa(findOpa(), build, work);
    const wasm = readArchive(await readFile(archive), 'tiny').get('policy.wasm');
    if (wasm === undefined) throw new Error('opa wrote no policy.wasm');
    return wasm;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
