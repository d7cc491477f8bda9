import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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
import { AGENT, OPERATOR, STRANGER, WALLET } from '../../rpc/testing/samples.ts';
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
let made: readonly CheckedSigner[];
let askedSigners: string[];

beforeEach(async () => {
  token = DENIED;
  [made, askedSigners] = [[], []];
  const signers = [signer('vault', async () => READY), signer('locked', async () => token)];
  const relayers = [relayer('node', async () => AWAY)];
  const deps = {
    get signers() {
      return new Map([...signers, ...made].map((one) => [one.name, one]));
    },
    relayers: new Map(relayers.map((one) => [one.name, one])),
    walletsOf: (kind: string, name: string) => (name === 'vault' || kind === 'relayer' ? ['treasury', 'payroll'] : []),
  };
  const operations: Partial<Operations> = {
    checkSigners: (ask) => checkSigners(deps, ask),
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

it('shows the address of a signer that is opened by the very check', async () => {
  let address = '';
  const late = signer('late', async () => {
    address = STRANGER;
    return READY;
  });
  Object.defineProperty(late, 'address', { get: () => address });
  made = [late];
  const { out } = await run('signers', 'check', 'late');
  expect(out).toMatch(new RegExp(`^late +vault-transit +${STRANGER} +yes`, 'm'));
});

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

describe('of the wallets that were made through the gateway, signers check', () => {
  const names = (out: string) =>
    out
      .split('\n')
      .slice(1)
      .map((line) => line.split(' ')[0]);

  beforeEach(() => {
    token = READY;
    const note = (name: string) => async () => {
      askedSigners.push(name);
      return READY;
    };
    made = ['cold/c-1', ...Array.from({ length: 45 }, (_, n) => `hot/h-${n + 10}`)].map((name) => ({
      ...signer(name, note(name)),
      template: name.split('/')[0] ?? '',
    }));
  });

  it('asks one of each template, and says how many it did not', async () => {
    const { code, out, err } = await run('signers', 'check');
    expect([code, names(out)]).toEqual([0, ['cold/c-1', 'hot/h-10', 'locked', 'vault']]);
    expect(askedSigners).toEqual(['cold/c-1', 'hot/h-10']);
    expect(err).toBe('not asked: 44 more of wallets that were made through the gateway; name one, or give --all');
  });

  it('asks any of them by its name, and no other', async () => {
    const { code, out, err } = await run('signers', 'check', 'hot/h-54');
    expect([code, err, names(out)]).toEqual([0, '', ['hot/h-54']]);
    expect(askedSigners).toEqual(['hot/h-54']);
    expect((await run('signers', 'check', 'hot/h/54')).err).toContain('the name of a signer, or template/wallet');
    expect((await run('signers', 'check', 'hot/x')).err).toMatch(/there are cold\/c-1, .*hot\/h-28 and 28 more/);
  });

  it('asks all of them where it is told to, twenty at a time', async () => {
    const { code, out, err } = await run('signers', 'check', '--all');
    expect([code, err, names(out)]).toEqual([0, '', [...made.map(({ name }) => name), 'locked', 'vault']]);
    expect(askedSigners).toHaveLength(46);
    expect((await run('signers', 'check', 'vault', '--all')).err).toContain('signer must be empty where all is true');
  });
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
