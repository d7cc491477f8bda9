// Owns the proof that the examples work as they stand: each runs as a process of its own against a whole gateway.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { generateKeyPairSigner } from '@solana/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApprovalService, ApprovalState } from '../../proto/gen/countersign/v1/approval_pb.ts';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { readBalances } from '../../scripts/dev/funds.ts';
import { startTestGateway, type TestGateway } from './gateway-fixture.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const WITHIN_MS = 60_000;
/** Of the development policy: free up to 1 SOL, people must approve up to 2 SOL, denied above. */
const ALLOWED = 250_000_000n;
const NEEDS_APPROVAL = 1_500_000_000n;
const TOO_MUCH = 3_000_000_000n;

let gateway: TestGateway;

beforeAll(async () => {
  await promisify(execFile)(join(ROOT, 'scripts', 'python-env.sh'));
  gateway = await startTestGateway();
}, 300_000);

afterAll(() => gateway.stop());

interface Example {
  readonly name: string;
  readonly program: string;
  readonly script: string;
}

const EXAMPLES: readonly Example[] = [
  { name: 'Python', program: join(ROOT, '.cache/python/bin/python'), script: 'examples/python/sign_and_send.py' },
  { name: 'TypeScript', program: process.execPath, script: 'examples/typescript/sign-and-send.ts' },
];

describe.each(EXAMPLES)('the example in $name', (example) => {
  it('moves exactly what it asked for, and exits with 0', { timeout: WITHIN_MS }, async () => {
    const { recipient } = gateway.environment;
    const before = await lamportsOf(recipient);
    const run = await runExample(example, [recipient, `${ALLOWED}`]);
    expect(run).toEqual({ code: 0, stdout: expect.stringMatching(/^CONFIRMED: [1-9A-Za-z]{80,90}\n$/), stderr: '' });
    expect(await lamportsOf(recipient)).toBe(before + ALLOWED);
  });

  it('prints why it was denied, and exits with 3', { timeout: WITHIN_MS }, async () => {
    const { recipient } = gateway.environment;
    const before = await lamportsOf(recipient);
    const run = await runExample(example, [recipient, `${TOO_MUCH}`]);
    expect(run).toMatchObject({ code: 3, stderr: '' });
    expect(run.stdout).toMatch(/^denied:\n {2}SPENDING_LIMIT_EXCEEDED: .*2000000000/);
    expect(await lamportsOf(recipient)).toBe(before);
  });

  it('prints every reason of a denial', { timeout: WITHIN_MS }, async () => {
    const stranger = await generateKeyPairSigner();
    const { code, stdout } = await runExample(example, [stranger.address, `${TOO_MUCH}`]);
    expect(code).toBe(3);
    expect(stdout).toContain('SPENDING_LIMIT_EXCEEDED');
    expect(stdout).toContain('RECIPIENT_NOT_ALLOWED');
    expect(stdout).toContain(stranger.address);
  });

  it('says which approval it waits for, and exits with 4', { timeout: WITHIN_MS }, async () => {
    const { code, stdout } = await runExample(example, [gateway.environment.recipient, `${NEEDS_APPROVAL}`]);
    expect(code).toBe(4);
    const approvalId = /^waits for 1 approval\(s\): ([0-9a-f-]{36})\n$/.exec(stdout)?.[1] ?? '';
    const { approval } = await gateway.operator.unary(ApprovalService.method.getApproval, { approvalId });
    expect(approval).toMatchObject({ approvalId, state: ApprovalState.PENDING, agent: 'trader' });
  });

  it('says the reason of a fault and whether to call again, and exits with 1', { timeout: WITHIN_MS }, async () => {
    const wrongKey = `csk_${'0'.repeat(16)}_${'A'.repeat(43)}`;
    const environment = { COUNTERSIGN_API_KEY_FILE: '', COUNTERSIGN_API_KEY: wrongKey };
    const run = await runExample(example, [gateway.environment.recipient, `${ALLOWED}`], environment);
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toMatch(/^UNAUTHENTICATED CREDENTIALS_INVALID \(retry: never\): /);
    expect(run.stderr).not.toContain(wrongKey);
  });

  it.each([
    ['nothing', []],
    ['a recipient that is no address', ['alice', '1']],
    ['an amount that is no whole number', ['11111111111111111111111111111111', '0.5']],
    ['a negative amount', ['11111111111111111111111111111111', '-1']],
    ['an amount beyond u64', ['11111111111111111111111111111111', `${2n ** 64n}`]],
  ])('shows its usage for %s, and exits with 2', async (_what, given) => {
    const { code, stderr } = await runExample(example, given);
    expect(stderr).toMatch(/^usage: /);
    expect(code).toBe(2);
  });
});

const MESSAGE_EXAMPLES: readonly Example[] = [
  { name: 'Python', program: join(ROOT, '.cache/python/bin/python'), script: 'examples/python/sign_message.py' },
  { name: 'TypeScript', program: process.execPath, script: 'examples/typescript/sign-message.ts' },
];
const SIGN_IN = 'localhost wants you to sign in with your Solana account:\n';

describe.each(MESSAGE_EXAMPLES)('the example of messages in $name', (example) => {
  it('has a message signed and checks whose signature it is, and exits with 0', { timeout: WITHIN_MS }, async () => {
    const { wallets } = await gateway.agent.unary(SigningService.method.listWallets, {});
    const wallet = wallets[0]?.address ?? '';
    const { code, stdout, stderr } = await runExample(example, [`${SIGN_IN}${wallet}`]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^signed by ${wallet}: [1-9A-Za-z]{80,90}\n$`));
  });

  it('prints why it was denied, and exits with 3', { timeout: WITHIN_MS }, async () => {
    const run = await runExample(example, ['I owe you everything']);
    expect(run).toEqual({ code: 3, stdout: expect.stringMatching(/^denied:\n {2}MESSAGE_\w+: /), stderr: '' });
  });

  it.each([[[]], [['']], [['one', 'two']]])('shows its usage for %j, and exits with 2', async (given) => {
    const { code, stderr } = await runExample(example, given);
    expect(stderr).toMatch(/^usage: /);
    expect(code).toBe(2);
  });
});

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function runExample(
  { program, script }: Example,
  given: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<Run> {
  const { environment } = gateway;
  const env = {
    PATH: process.env.PATH,
    COUNTERSIGN_DATA_ADDRESS: environment.gateway.dataPlane,
    COUNTERSIGN_API_KEY_FILE: environment.agentKeyFile,
    ...more,
  };
  return new Promise((resolve) => {
    const child = execFile(program, [script, ...given], { cwd: ROOT, env }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr });
    });
  });
}

async function lamportsOf(owner: TestGateway['environment']['recipient']): Promise<bigint> {
  const { localnet, token } = gateway.environment;
  return (await readBalances(localnet.rpcUrl, owner, token.address)).lamports;
}
