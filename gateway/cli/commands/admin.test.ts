import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FreezeRecord } from '../../core/controls/freeze.ts';
import { parseApiKey } from '../../core/principal/api-key.ts';
import { controlPlane, type Plane } from '../../rpc/testing/planes.ts';
import { OPERATOR } from '../../rpc/testing/samples.ts';
import { fakeTerminal } from '../testing/fake-terminal.ts';

let plane: Plane;
let env: Record<string, string>;
let folder: string;
let frozen: readonly FreezeRecord[];

beforeEach(async () => {
  frozen = [];
  plane = await controlPlane({ freezing: { list: async () => frozen } });
  folder = mkdtempSync(join(tmpdir(), 'countersign-cli-'));
  const keyFile = join(folder, 'operator.key');
  writeFileSync(keyFile, `${plane.principals.add(OPERATOR)}\n`);
  env = { COUNTERSIGN_CONTROL_ADDRESS: plane.address, COUNTERSIGN_API_KEY_FILE: keyFile };
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

describe('countersign principals and keys', () => {
  it('make an agent, its key and its binding, and take all of it back', async () => {
    expect(await run('principals', 'create', 'bot', '--agent')).toMatchObject({ code: 0 });
    expect((await run('principals', 'bind', 'bot', 'treasury')).out).toBe('bot may use treasury');
    const created = await run('keys', 'create', 'bot');
    const key = parseApiKey(created.out);
    expect(key).not.toBeNull();
    expect(created.err).toContain(`key ${key?.keyId} of bot; it is not shown again`);
    const listed = await run('keys', 'list', '--principal', 'bot');
    expect(listed.out).toMatch(new RegExp(`${key?.keyId} {2}bot +1970-\\S+ +valid`));
    expect(listed.out).not.toContain(key?.secret);
    expect((await run('keys', 'revoke', key?.keyId ?? '')).out).toBe(`revoked ${key?.keyId} of bot`);
    expect((await run('keys', 'list')).out).toContain('revoked 1970');
    expect((await run('principals', 'list')).out).toMatch(/bot +agent +use treasury +enabled/);
    expect((await run('principals', 'unbind', 'bot', 'treasury')).out).toBe('bot may no longer use treasury');
    expect((await run('principals', 'disable', 'bot')).out).toBe('disabled bot');
    expect((await run('principals', 'list')).out).toMatch(/bot +agent +use no wallet +disabled/);
    expect(plane.principals.audit.map(({ kind, actor }) => `${kind} by ${actor}`)).toEqual([
      'principal.created by olga',
      'wallet.bound by olga',
      'api_key.created by olga',
      'api_key.revoked by olga',
      'wallet.unbound by olga',
      'principal.disabled by olga',
    ]);
  });

  it('say which agents are frozen, and which are shut out for good', async () => {
    for (const agent of ['bot', 'other', 'gone']) await run('principals', 'create', agent, '--agent');
    await run('principals', 'disable', 'gone');
    const votes = { freezeId: 'f', frozenBy: 'ann', frozenAt: 1, votes: [], lifted: null } as const;
    frozen = [{ ...votes, scope: 'agent', target: 'bot', reason: 'odd' }];
    const some = (await run('principals', 'list')).out;
    expect(some).toMatch(/bot .* FROZEN by ann: odd/);
    expect(some).toMatch(/other .* enabled/);
    frozen = [{ ...votes, scope: 'all', target: '', reason: 'fire' }];
    const all = (await run('principals', 'list')).out;
    expect(all).toMatch(/other .* FROZEN by ann: fire/);
    expect(all).toMatch(/gone .* disabled/);
    expect(all).toMatch(/olga .* enabled/);
  });

  it('make an operator with roles and groups', async () => {
    const args = ['--operator', '--role', 'approver', 'auditor', '--group', 'finance'];
    expect(await run('principals', 'create', 'anna', ...args)).toMatchObject({ code: 0 });
    expect((await run('principals', 'list')).out).toMatch(/anna +operator +approver, auditor, group finance +enabled/);
  });

  it('give an operator other roles and groups, and say what it had', async () => {
    await run('principals', 'create', 'anna', '--operator', '--role', 'approver', 'auditor', '--group', 'finance');
    const changed = await run('principals', 'change', 'anna', '--remove-role', 'approver', '--add-group', 'ops');
    expect(changed.out).toBe('anna had approver, auditor, group finance; now it has auditor, group finance, group ops');
    expect(
      await run('principals', 'change', 'anna', '--remove-role', 'auditor', '--remove-group', 'finance', 'ops'),
    ).toEqual({ code: 0, out: 'anna had auditor, group finance, group ops; now it has nothing', err: '' });
    expect(plane.principals.audit.at(-1)).toMatchObject({
      kind: 'operator.changed',
      actor: 'olga',
      facts: {
        principal: 'anna',
        from: { roles: ['auditor'], groups: ['finance', 'ops'] },
        to: { roles: [], groups: [] },
        revision: 3n,
      },
    });
  });

  it('say that an operator is not in the group that is to be taken', async () => {
    await run('principals', 'create', 'anna', '--operator', '--role', 'approver', '--group', 'treasurers');
    expect(await run('principals', 'change', 'anna', '--remove-group', 'treasurrs')).toEqual({
      code: 2,
      out: '',
      err: 'countersign: anna is not in the group treasurrs (did you mean treasurers?); nothing was changed',
    });
    expect(plane.principals.audit).toHaveLength(1);
  });

  it('say of a disabled agent that it is, for good', async () => {
    await run('principals', 'create', 'bot', '--agent');
    await run('keys', 'create', 'bot');
    await run('principals', 'disable', 'bot');
    expect((await run('keys', 'list')).out).toMatch(/ bot +1970-\S+ +useless: bot is disabled, for good/);
    const refused = { code: 1, err: expect.stringContaining('bot is disabled, for good') };
    expect(await run('principals', 'bind', 'bot', 'treasury')).toMatchObject(refused);
    expect(await run('keys', 'create', 'bot')).toMatchObject(refused);
  });

  it('suggest the name that was meant', async () => {
    await run('principals', 'create', 'trader', '--agent', '--wallet', 'treasury');
    await run('principals', 'create', 'anna', '--operator', '--role', 'approver');
    for (const [args, text] of [
      [['keys', 'create', 'tradr'], 'there is no principal "tradr" (did you mean trader?)'],
      [['principals', 'disable', 'tradr'], 'there is no principal "tradr" (did you mean trader?)'],
      [['principals', 'change', 'ana', '--add-role', 'policy'], 'there is no principal "ana" (did you mean anna?)'],
      [['principals', 'bind', 'tradr', 'treasury'], 'there is no enabled agent "tradr" (did you mean trader?)'],
      [['principals', 'bind', 'trader', 'tresury'], 'there is no wallet tresury (did you mean treasury?)'],
      [['principals', 'unbind', 'trader', 'tresury'], 'not bound to the wallet tresury (did you mean treasury?)'],
      [['principals', 'create', 'x', '--agent', '--wallet', 'tresury'], 'no wallet tresury (did you mean treasury?)'],
    ] as const) {
      expect(await run(...args)).toMatchObject({ code: 1, err: expect.stringContaining(text) });
    }
    expect(await run('keys', 'list', '--principal', 'tradr')).toMatchObject({
      code: 2,
      err: 'countersign: there is no principal tradr (did you mean trader?)',
    });
    expect(await run('keys', 'list', '--principal', 'trader')).toMatchObject({ code: 0, err: '' });
    expect(await run('keys', 'create', 'entirely-else')).toMatchObject({ err: expect.not.stringContaining('mean') });
  });

  it('write a key to a new file of its owner only, and make no key when there is a file', async () => {
    const file = join(folder, 'olga2.key');
    expect(await run('keys', 'create', 'olga', '--output', file)).toMatchObject({ code: 0, out: '' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(parseApiKey(readFileSync(file, 'utf8').trim())).not.toBeNull();
    const made = plane.principals.audit.length;
    expect(await run('keys', 'create', 'olga', '--output', file)).toMatchObject({
      code: 2,
      err: `countersign: --output must be a new file, and there is a file ${file} already; no key was made`,
    });
    expect(plane.principals.audit).toHaveLength(made);
  });

  it.each([
    [['principals', 'create', 'Bad_Id', '--agent'], 1, 'principal must be 1 to 64 of a-z, 0-9 and dash'],
    [['principals', 'create', 'x'], 2, 'give --agent or --operator'],
    [['principals', 'create', 'x', '--agent', '--operator'], 2, 'give --agent or --operator'],
    [['principals', 'create', 'x', '--operator'], 1, 'roles must be at least one of ADMIN, APPROVER, AUDITOR'],
    [
      ['principals', 'create', 'x', '--operator', '--role', 'root'],
      2,
      'a role is admin, approver, auditor or policy; not root',
    ],
    [['principals', 'create', 'x', '--agent', '--wallet', 'other'], 1, 'WALLET_NOT_FOUND'],
    [['principals', 'create', 'olga', '--operator', '--role', 'admin'], 1, 'PRINCIPAL_EXISTS'],
    [['principals', 'change', 'olga', '--add-role', 'policy'], 1, 'nobody changes roles and groups of their own'],
    [['principals', 'change', 'nobody', '--add-role', 'policy'], 1, 'PRINCIPAL_NOT_FOUND'],
    [
      ['principals', 'change', 'olga', '--add-role', 'root'],
      2,
      'a role is admin, approver, auditor or policy; not root',
    ],
    [
      ['principals', 'change', 'anna', '--add-group', 'ops', '--remove-group', 'ops'],
      2,
      'ops is to be added and to be removed: give it once',
    ],
    [['principals', 'change', 'olga'], 2, 'give --add-role, --remove-role, --add-group or --remove-group'],
    [['principals', 'disable', 'olga'], 1, 'nobody can disable themselves'],
    [['principals', 'disable', 'nobody'], 1, 'PRINCIPAL_NOT_FOUND'],
    [['principals', 'bind', 'olga', 'treasury'], 1, 'there is no enabled agent "olga"'],
    [['keys', 'create', 'nobody'], 1, 'PRINCIPAL_NOT_FOUND'],
    [['keys', 'revoke', 'zz'], 1, 'key_id must be 16 hex characters'],
    [['keys', 'revoke', '0123456789abcdef'], 1, 'API_KEY_NOT_FOUND'],
  ])('%j ends with %i and says why', async (args, code, text) => {
    const result = await run(...args);
    expect(result.code).toBe(code);
    expect(result.err).toContain(text);
    expect(plane.principals.audit).toEqual([]);
  });
});
