// Owns what the tests of policy delivery share: a policy repository as `countersign policy new` makes it, bundles built of it with one
// limit or another, a gateway that follows them, and what operators and auditors see of it.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { address } from '@solana/kit';
import { expect } from 'vitest';
import { fakeTerminal } from '../../gateway/cli/testing/fake-terminal.ts';
import { buildRepository } from '../../gateway/policy/build/build-repository.ts';
import { manifestOf } from '../../gateway/policy/build/manifest.ts';
import type { BundleFiles } from '../../gateway/policy/bundle/bundle.ts';
import { DATA_FILE, MANIFEST_FILE } from '../../gateway/policy/bundle/bundle-parts.ts';
import { signBundle } from '../../gateway/policy/bundle/sign-bundle.ts';
import { type KeyPair, keyPair } from '../../gateway/policy/bundle/testing/signing-keys.ts';
import { writeArchive } from '../../gateway/policy/bundle/write-archive.ts';
import { AuditService } from '../../proto/gen/countersign/v1/audit_pb.ts';
import { PolicyService } from '../../proto/gen/countersign/v1/policy_pb.ts';
import { solTransfer } from '../../tour/transactions.ts';
import { signAs } from './agent-calls.ts';
import { startTestGateway, type TestGateway } from './gateway-fixture.ts';

export const SOL = 1_000_000_000n;
/** Whom the example's agent `trader` may pay out of its wallet `treasury`. */
const EXCHANGE = address('Stake11111111111111111111111111111111111111');
const AGENT_FILE = 'data/agents/trader.json';

/** A machine that runs all tests at once is slow; what is measured on an idle one is a tenth of it. */
export const SERVED_WITHIN_MS = 10_000;
const BUSY = { timeout: 60_000, interval: 25 };

export interface PolicyRepository {
  readonly directory: string;
  /** Text of the trader's file in which one transaction may send so much, such as `1.5 SOL`. */
  agentFile(limit: string): string;
}

/** In the folder `clone` of `folder`, by the command that authors use. */
export async function newPolicyRepository(folder: string): Promise<PolicyRepository> {
  const directory = join(folder, 'clone');
  const terminal = fakeTerminal({});
  expect(await terminal.run('policy', 'new', directory), terminal.err.join('\n')).toBe(0);
  const agent = await readFile(join(directory, AGENT_FILE), 'utf8');
  expect(agent).toContain('"1.5 SOL"');
  return { directory, agentFile: (limit) => agent.replace('"1.5 SOL"', `"${limit}"`) };
}

export function agentFiles(text: string): Readonly<Record<string, string>> {
  return { [AGENT_FILE]: text };
}

export interface BuiltBundle {
  readonly revision: string;
  readonly files: BundleFiles;
}

/** A bundle of the repository as it stands, for others to be made of. */
export function builtOf({ directory }: PolicyRepository, builtAt: number): Promise<BuiltBundle> {
  return buildRepository({ directory, builtAt, revision: 'first' });
}

/** The same with another limit, in lamports, and another revision: opa gives the same module for it. */
export function withLimit({ files }: BuiltBundle, revision: string, builtAt: number, lamports: bigint): BuiltBundle {
  const data = new TextDecoder().decode(files.get(DATA_FILE));
  const changed = data.replaceAll('1500000000', String(lamports));
  if (changed === data && lamports !== 1_500_000_000n) throw new Error('the data have no limit of 1.5 SOL');
  const made = new Map([...files, [DATA_FILE, new TextEncoder().encode(changed)]]);
  // What was expected of the limit before is another now.
  for (const path of files.keys()) if (path.startsWith('fixtures/')) made.delete(path);
  const before = JSON.parse(new TextDecoder().decode(files.get(MANIFEST_FILE)));
  made.delete(MANIFEST_FILE);
  made.set(MANIFEST_FILE, manifestOf(made, before, revision, { builtAt }));
  return { revision, files: made };
}

/** Whoever releases policies, with the configuration that takes what they sign. */
export interface Release {
  readonly signatures: object;
  /** `by` another key, or nobody. */
  archiveOf(bundle: BuiltBundle, by?: KeyPair | null): Uint8Array;
}

export async function releaseBy(algorithm: 'ES256' | 'EdDSA', folder: Folder): Promise<Release> {
  const release = keyPair(algorithm, 'release');
  const publicKey = await folder.write('release.pem', release.verifying.publicKeyPem);
  return {
    signatures: { keys: [{ id: 'release', algorithm, public_key_file: publicKey }] },
    archiveOf: ({ files }, by = release) => writeArchive(by === null ? files : signBundle(files, by.signing)),
  };
}

export interface GitopsScene {
  readonly gateway: TestGateway;
  /** Asks for a transfer, and says what came of it by which revision. */
  transfer(lamports: bigint): Promise<{ outcome: string; revision: string; requestId: string }>;
  /** Waits until a transfer of so much is decided so by another revision than `before`; says which, and how long it took. */
  decidedAnew(lamports: bigint, outcome: string, before: string): Promise<{ revision: string; ms: number }>;
  /** Waits until the control plane says why the newest is not taken. */
  problem(text: string | RegExp): Promise<void>;
  /** Waits until the control plane has nothing to complain of. */
  noProblem(): Promise<void>;
  active(): Promise<string>;
  /** Facts of the records of policies in the audit chain, the oldest first, with their kind. */
  records(): Promise<readonly Record<string, unknown>[]>;
  /** Runs `countersign` against the gateway; the lines it printed. */
  cli(...args: readonly string[]): Promise<{ code: number; out: string; err: string }>;
  stop(): Promise<void>;
}

/** `more`: of the configuration, beside the policy. */
export async function openScene(policy: unknown, more: Readonly<Record<string, unknown>> = {}): Promise<GitopsScene> {
  const gateway = await startTestGateway({ config: { policy, ...more } });
  const { environment, operator } = gateway;
  let sent = 0n;

  async function transfer(lamports: bigint) {
    // Each is another transaction, so that none waits for one like it.
    sent += 1n;
    const answer = await signAs(gateway, solTransfer(environment.wallet.address, EXCHANGE, lamports + sent));
    return {
      outcome: answer.outcome.case ?? 'none',
      revision: answer.bundleRevision,
      requestId: answer.requestId,
    };
  }

  async function status() {
    return operator.unary(PolicyService.method.getPolicyStatus, {});
  }

  const problems = async () => (await status()).replicas.map(({ problem }) => problem).join('\n');

  return {
    gateway,
    transfer,
    async decidedAnew(lamports, outcome, before) {
      const started = performance.now();
      await expect.poll(async () => (await status()).active?.revision, BUSY).not.toBe(before);
      const ms = performance.now() - started;
      const decided = await transfer(lamports);
      expect(decided).toMatchObject({ outcome, revision: (await status()).active?.revision });
      return { revision: decided.revision, ms };
    },
    problem: (text) => expect.poll(problems, BUSY).toMatch(text),
    noProblem: () => expect.poll(problems, BUSY).toBe(''),
    active: async () => (await status()).active?.revision ?? '',
    async records() {
      const records: Record<string, unknown>[] = [];
      const stream = operator.stream(AuditService.method.streamAuditRecords, { stopAtHead: true });
      for await (const { record } of stream) {
        const { kind, facts } = JSON.parse(new TextDecoder().decode(record?.body));
        if (String(kind).startsWith('policy.')) records.push({ kind, ...facts });
      }
      return records;
    },
    async cli(...args) {
      const terminal = fakeTerminal({});
      const to = ['--address', environment.gateway.controlPlane, '--key-file', environment.operatorKeyFile];
      const code = await terminal.run(...args, ...to);
      return { code, out: terminal.out.join('\n'), err: terminal.err.join('\n') };
    },
    stop: () => gateway.stop(),
  };
}

export interface Folder {
  readonly path: string;
  write(name: string, content: string): Promise<string>;
  remove(): Promise<void>;
}

export async function newFolder(name: string): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), `countersign-${name}-`));
  return {
    path,
    async write(file, content) {
      await writeFile(join(path, file), content);
      return join(path, file);
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}
