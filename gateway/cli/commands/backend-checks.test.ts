import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Relayer, RelayerCheck } from '../../../relayer/relayer.ts';
import type { Signer, SignerCheck } from '../../../signers/signer.ts';
import {
  type CheckedRelayer,
  type CheckedSigner,
  checkRelayers,
  checkSigners,
} from '../../pipeline/administration/backend-checks.ts';
import type { Operations } from '../../pipeline/administration/operations.ts';
import { controlPlane, type Plane } from '../../rpc/testing/planes.ts';
import { AGENT, OPERATOR, WALLET } from '../../rpc/testing/samples.ts';
import { fakeTerminal } from '../testing/fake-terminal.ts';

const READY: SignerCheck = { kind: 'ready', detail: 'version 3 of the key' };
const DENIED: SignerCheck = { kind: 'failed', field: 'token_file', reason: 'permission\u0007 denied' };
const AWAY: RelayerCheck = { kind: 'failed', field: null, reason: 'connection refused' };

/** Whoever asks it for a signature has gone round the only road to one. */
function signer(name: string, check: Signer['check']): CheckedSigner {
  const unreachable = () => {
    throw new Error('a check must not sign');
  };
  return Object.assign({ name, backend: 'vault-transit', address: WALLET, check }, { sign: unreachable });
}

function relayer(name: string, check: Relayer['check']): CheckedRelayer {
  const unreachable = () => {
    throw new Error('a check must not send');
  };
  return Object.assign({ name, backend: 'rpc', check }, { submit: unreachable });
}

let plane: Plane;
let env: Record<string, string>;
let folder: string;
let token: SignerCheck;

beforeEach(async () => {
  token = DENIED;
  const signers = [signer('vault', async () => READY), signer('locked', async () => token)];
  const relayers = [relayer('node', async () => AWAY)];
  const deps = {
    signers: new Map(signers.map((one) => [one.name, one])),
    relayers: new Map(relayers.map((one) => [one.name, one])),
    walletsOf: (kind: string, name: string) => (name === 'vault' || kind === 'relayer' ? ['treasury', 'payroll'] : []),
  };
  const operations: Partial<Operations> = {
    checkSigners: (name) => checkSigners(deps, name),
    checkRelayers: (name) => checkRelayers(deps, name),
  };
  plane = await controlPlane({ operations });
  folder = mkdtempSync(join(tmpdir(), 'countersign-cli-'));
  writeFileSync(join(folder, 'key'), plane.principals.add(OPERATOR));
  env = { COUNTERSIGN_CONTROL_ADDRESS: plane.address, COUNTERSIGN_API_KEY_FILE: join(folder, 'key') };
});

afterEach(async () => {
  await plane.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run(...args: readonly string[]) {
  const terminal = fakeTerminal(env);
  const code = await terminal.run(...args);
  return { code, out: terminal.out.join('\n'), err: terminal.err.join('\n') };
}

it('signers check tells what each of them is, whether it is ready, and what to look at', async () => {
  const { code, out } = await run('signers', 'check');
  expect(code).toBe(1);
  expect(out).toMatch(/^NAME +TYPE +ADDRESS +READY +LATENCY +WALLETS +DETAIL\n/);
  const row = `vault +vault-transit +${WALLET} +yes +(< 1|\\d+) ms +treasury, payroll +version 3 of the key`;
  expect(out).toMatch(new RegExp(row));
  expect(out).toMatch(new RegExp(`locked +vault-transit +${WALLET} +NO .* - +token_file: permission.* denied$`, 'm'));
  expect(out).not.toContain('\u0007');
});

it('signers check ends with 0 where all of them are ready, and checks one by its name', async () => {
  expect((await run('signers', 'check', 'vault')).code).toBe(0);
  expect((await run('signers', 'check', 'locked')).code).toBe(1);
  token = READY;
  expect((await run('signers', 'check')).code).toBe(0);
});

it('signers check prints JSON, one document a line', async () => {
  const { code, out } = await run('signers', 'check', '--json');
  expect(code).toBe(1);
  const documents = out.split('\n').map((line) => JSON.parse(line));
  expect(documents).toMatchObject([
    { name: 'locked', type: 'vault-transit', field: 'token_file' },
    { name: 'vault', ready: true, detail: 'version 3 of the key', wallets: ['treasury', 'payroll'] },
  ]);
});

it('signers check says which there are where there is none of that name', async () => {
  const { code, err } = await run('signers', 'check', 'valt');
  expect(code).not.toBe(0);
  expect(err).toContain('there are locked, vault');
});

it('relayers check tells what is away', async () => {
  const { code, out } = await run('relayers', 'check');
  expect(code).toBe(1);
  expect(out).toMatch(/node +rpc +- +NO +(< 1|\d+) ms +treasury, payroll +connection refused$/);
});

it('neither is for agents', async () => {
  const agentKey = join(folder, 'agent');
  writeFileSync(agentKey, plane.principals.add(AGENT));
  for (const command of ['signers', 'relayers']) {
    expect((await run(command, 'check', '--key-file', agentKey)).err).toContain('ROLE_MISSING');
  }
});
