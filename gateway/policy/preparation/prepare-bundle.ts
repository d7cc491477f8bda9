// Owns the way of a bundle from its files to what can serve: each check in its order, none of them skipped.
import { hash } from 'node:crypto';
import { dataProblems } from '../build/data-problems.ts';
import type { BundleFiles, PolicyBundle } from '../bundle/bundle.ts';
import { DATA_SCHEMA_FILE, SIGNATURES_FILE } from '../bundle/bundle-parts.ts';
import { contentDigest } from '../bundle/content-digest.ts';
import { readIdlDescriptions } from '../bundle/idl-files.ts';
import { malformed } from '../bundle/malformed.ts';
import { readArchive } from '../bundle/read-archive.ts';
import { readBundle } from '../bundle/read-bundle.ts';
import { verifySignatures } from '../bundle/verify-signatures.ts';
import { writeArchive } from '../bundle/write-archive.ts';
import { agentGroupsIn } from '../evaluation/agent-groups.ts';
import { meter } from '../evaluation/metered-module.ts';
import { namedAssetsIn } from '../evaluation/named-assets.ts';
import { compilePolicy, type PolicyModule, reasonOf } from '../evaluation/opa-module.ts';
import { testDenials, testFixtures } from '../evaluation/self-test.ts';
import { timeZonesIn } from '../evaluation/time-zones.ts';
import { warmUp } from '../evaluation/warm-up.ts';
import { warmUpInput } from '../evaluation/warm-up-input.ts';
import type { FetchedContent } from '../sources/bundle-source.ts';
import { startStopwatch } from './activation-steps.ts';
import type { KnownModule, PreparationRequest, PreparedBundle, Rehearsal, Verification } from './preparation.ts';
import { programPieces } from './program-pieces.ts';
import { BundleRefused, type RefusalCode } from './refusal.ts';

/** What is evaluated meanwhile becomes fast by and by: whoever brings a limit must not wait for the last tenth. */
const WARM_MS = 150;

/** Throws BundleRefused. Holds the thread for as long as it takes, and for ever where a policy loops. */
export async function prepareBundle(
  { label, content, verification }: PreparationRequest,
  knownModules: readonly KnownModule[] = [],
): Promise<PreparedBundle> {
  const watch = startStopwatch();
  const files = step('BUNDLE_MALFORMED', () => filesOf(content, label));
  const bundle = step('BUNDLE_MALFORMED', () => readBundle(files, label));
  watch.ended('read');
  const signedBy = step('SIGNATURE_INVALID', () => signerOf(files, verification, label));
  watch.ended('verify');
  const programs = step('IDL_INVALID', () => programPieces(readIdlDescriptions(label, bundle.idls)));
  const timeZones = step('DATA_INVALID', () => checkData(bundle));
  watch.ended('check');
  const wasmSha256 = hash('sha256', bundle.wasm);
  const known = knownModules.find((each) => each.wasmSha256 === wasmSha256)?.compiled ?? null;
  const module = await compilePolicy(bundle, known).catch((error: unknown) => refuse('MODULE_INVALID', error));
  watch.ended('compile');
  const ordinary = warmUpInput(bundle.data);
  step('SELF_TEST_FAILED', () => testDenials(module.instantiate, label, ordinary()));
  step('FIXTURE_FAILED', () => testFixtures(module.instantiate, label, bundle.fixtures));
  watch.ended('test');
  const sample = step('SELF_TEST_FAILED', () => warm(module, ordinary, known === null));
  watch.ended('warm');
  const archive = archiveOf(content, files);
  const prepared = {
    revision: bundle.revision,
    builtAt: bundle.builtAt,
    gitCommit: bundle.gitCommit,
    signedBy,
    archive,
    archiveDigest: new Uint8Array(hash('sha256', archive, 'buffer')),
    contentDigest: new Uint8Array(Buffer.from(contentDigest(bundle.wasm, bundle.data, bundle.idls), 'hex')),
    module: { wasmSha256, compiled: module.compiled },
    image: step('MODULE_INVALID', module.image),
    timeZones,
    assets: namedAssetsIn(bundle.data),
    agentGroups: agentGroupsIn(bundle.data),
    programs,
    sample,
    rehearsal: { wasm: new Uint8Array(bundle.wasm), dataSchema: new Uint8Array(bundle.dataSchema ?? []) },
  };
  watch.ended('pack');
  return { ...prepared, seconds: watch.seconds() };
}

/** Compiles what checks data, and lets this thread's own code become fast, while nobody waits. */
export function rehearse({ wasm, dataSchema }: Rehearsal): void {
  dataProblems(new TextEncoder().encode('{"countersign":{}}'), dataSchema);
  meter(wasm);
}

function step<T>(code: RefusalCode, work: () => T): T {
  try {
    return work();
  } catch (error) {
    return refuse(code, error);
  }
}

function refuse(code: RefusalCode, error: unknown): never {
  throw new BundleRefused(code, reasonOf(error), { cause: error });
}

function filesOf(content: FetchedContent, label: string): BundleFiles {
  return content.kind === 'files' ? content.files : readArchive(content.archive, label);
}

function archiveOf(content: FetchedContent, files: BundleFiles): Uint8Array<ArrayBuffer> {
  return content.kind === 'archive' ? new Uint8Array(content.archive) : writeArchive(files);
}

/** A signature that is there is checked wherever there are keys. */
function signerOf(files: BundleFiles, verification: Verification | null, label: string): string | null {
  if (verification === null) return null;
  const { keys, allowUnsigned } = verification;
  if (allowUnsigned && (keys.length === 0 || !files.has(SIGNATURES_FILE))) return null;
  if (keys.length > 0) return verifySignatures(files, keys, label).keyId;
  throw malformed(label, SIGNATURES_FILE, 'no key is configured that could verify it; see policy.signatures.keys');
}

const WITHOUT_SCHEMA =
  'there is no such file, and without it nobody can tell whether the data are right; build it with `countersign policy build` (rules ' +
  'that are wholly your own need a schema of their own; {} says that any data will do)';

function checkData({ label, data, dataSchema }: PolicyBundle): readonly string[] {
  if (dataSchema === null) throw malformed(label, DATA_SCHEMA_FILE, WITHOUT_SCHEMA);
  const problems = dataProblems(data, dataSchema);
  if (problems.length > 0) {
    throw new Error(`policy bundle ${label}: the data do not fit ${DATA_SCHEMA_FILE}:\n${problems.join('\n')}`);
  }
  return timeZonesIn(data);
}

/** The machine code that warming up improves is the module's, in whatever thread. */
function warm(module: PolicyModule, ordinary: () => Uint8Array, isNew: boolean): PreparedBundle['sample'] {
  const instance = module.instantiate();
  const input = new Uint8Array(ordinary());
  const result = instance.evaluate(input);
  if (isNew) warmUp(() => instance.evaluate(ordinary()), WARM_MS);
  return { input, result };
}
