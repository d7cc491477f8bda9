import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Operator } from '../../core/principal/principal.ts';
import type { PrincipalRecord } from '../contract/principal-store.ts';
import type { State } from '../contract/state.ts';
import { type ApprovalScene, openApprovalScene } from '../testing/approval-scene.ts';
import { changeRights, createAdmin, createOperator, sampleOperator } from '../testing/sample-principals.ts';
import { sampleEntry } from '../testing/sample-request.ts';

let scene: ApprovalScene;
let state: State;

beforeAll(async () => {
  scene = await openApprovalScene();
  state = scene.state;
});

afterAll(() => scene.close());

const made = (change: Partial<Operator>): Promise<Operator> =>
  createOperator(state, sampleOperator(`op-${randomUUID()}`, change));

const admin = (): Promise<Operator> => createAdmin(state, `admin-${randomUUID()}`);

/** Nobody but her is an admin then. */
async function onlyEva(): Promise<void> {
  const isAdmin = ({ principal, disabledAt }: PrincipalRecord) =>
    principal.kind === 'operator' && principal.roles.includes('admin') && disabledAt === null;
  const admins = (await state.principals.list()).filter(isAdmin).map(({ principal }) => principal.id);
  for (const id of admins.filter((each) => each !== 'eva')) await scene.change(id, { roles: ['auditor'] });
}

async function recordOf(id: string) {
  const record = (await state.principals.list()).find(({ principal }) => principal.id === id);
  if (record === undefined) throw new Error(`there is no ${id}`);
  return record;
}

describe('other roles and groups', () => {
  it('are given, with a record, and count as a change of the controls', async () => {
    const { id } = await made({ roles: ['auditor'], groups: ['treasury'] });
    const [head, { version }] = [await state.audit.head(), await state.controls.refresh()];
    expect(await scene.change(id, { roles: ['auditor', 'approver'], groups: [] })).toMatchObject({
      kind: 'changed',
      record: { principal: { roles: ['auditor', 'approver'], groups: [] }, revision: 2n },
    });
    expect(await state.audit.readAfter(head?.sequence ?? 0n, 10)).toHaveLength(1);
    expect(await scene.other.controls.refresh()).toMatchObject({ version: version + 1n });
  });

  it('that it has already leave neither a record nor a revision', async () => {
    const { id } = await made({ roles: ['auditor', 'policy'], groups: ['a', 'b'] });
    const [head, controls] = [await state.audit.head(), await state.controls.refresh()];
    expect(await scene.change(id, { roles: ['policy', 'auditor'], groups: ['b', 'a'] })).toMatchObject({
      kind: 'changed',
      record: { revision: 1n },
    });
    expect([await state.audit.head(), await state.controls.refresh()]).toEqual([head, controls]);
  });

  it('of two at once are those of one of them; the other is told', async () => {
    const { id } = await made({ roles: ['auditor'] });
    const change = (on: State, group: string) =>
      on.principals.changeOperator(
        { operatorId: id, roles: ['auditor'], groups: [group], revision: 1n },
        sampleEntry('operator.changed'),
      );
    const results = await Promise.all([change(state, 'a'), change(scene.other, 'b')]);
    expect(results.map(({ kind }) => kind).sort()).toEqual(['changed', 'other_revision']);
    expect(await recordOf(id)).toMatchObject({ revision: 2n });
  });

  it('are refused to nobody, to agents and to who is shut out', async () => {
    const gone = await made({});
    await state.principals.disable(gone.id, sampleEntry('principal.disabled'));
    await state.principals.create({ kind: 'agent', id: 'bot', wallets: [] }, sampleEntry('principal.created'));
    for (const operatorId of [gone.id, 'bot', 'nobody']) {
      const change = { operatorId, roles: ['admin'], groups: [], revision: 1n } as const;
      const changed = await state.principals.changeOperator(change, sampleEntry('operator.changed'));
      expect(changed.kind).toBe('not_found');
    }
  });
});

describe('two admins who take the role from each other at once', () => {
  it('do not both: the second is no admin any more', async () => {
    for (let round = 0; round < 10; round++) {
      const [one, two] = [await admin(), await admin()];
      const results = await Promise.allSettled([
        changeRights(state.asAdmin(one), two.id, { roles: ['auditor'] }),
        changeRights(scene.other.asAdmin(two), one.id, { roles: ['auditor'] }),
      ]);
      const changed = results.filter(({ status }) => status === 'fulfilled');
      const refused = results.filter(({ status }) => status === 'rejected');
      expect([changed, refused]).toMatchObject([
        [{ value: { kind: 'changed' } }],
        [{ reason: { reason: 'ROLE_MISSING' } }],
      ]);
    }
  });

  it('leave the last one, also where one of them is shut out by a gateway of an older version', async () => {
    await onlyEva();
    expect(await state.principals.disable('eva', sampleEntry('principal.disabled'))).toBe('last_admin');
    const older = (id: string) =>
      scene.sql(
        `UPDATE principals SET disabled_at_ms = clock_ms() WHERE principal_id = '${id}' AND disabled_at_ms IS NULL`,
      );
    await expect(older('eva')).rejects.toThrow('the last admin that is enabled cannot be taken away');
    const second = await admin();
    const shutOut = await Promise.allSettled([older('eva'), older(second.id), older('eva'), older(second.id)]);
    expect(shutOut.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
    const left = [await recordOf('eva'), await recordOf(second.id)].filter(({ disabledAt }) => disabledAt === null);
    expect(left).toHaveLength(1);
    await scene.sql("UPDATE principals SET disabled_at_ms = NULL WHERE principal_id = 'eva'");
  });
});

describe('an admin who has no API key that is valid', () => {
  it('is no other admin where the last one would lose the role or be shut out', async () => {
    await onlyEva();
    const [keyless, revoked] = [await made({ roles: ['admin'] }), await admin()];
    await state.principals.revokeKey(revoked.keyId ?? '', sampleEntry('api_key.revoked'));
    expect(await state.principals.disable('eva', sampleEntry('principal.disabled'))).toBe('last_admin');
    expect(await scene.change('eva', { roles: ['auditor'] })).toEqual({ kind: 'last_admin' });
    for (const { id } of [keyless, revoked]) await scene.change(id, { roles: ['auditor'] });
    await admin();
    expect(await scene.change('eva', { roles: ['auditor'] })).toMatchObject({ kind: 'changed' });
    await scene.change('eva', { roles: ['admin'] });
  });
});

describe('votes on a request', () => {
  it('by a group or role that was lost do not count, and not again when it is given back, but may be cast anew', async () => {
    for (const lost of [{ groups: ['other'] }, { roles: ['auditor'] } as const]) {
      const leaver = await made({ groups: ['treasury'] });
      const { id, roles, groups } = leaver;
      const asked = await scene.ask({ quorum: 2, groups: ['treasury', 'security'] });
      await scene.vote(asked, leaver);
      expect(await scene.vote(asked, leaver)).toMatchObject({ kind: 'refused', reason: /already voted/ });
      await scene.change(id, lost);
      expect(await scene.vote(asked, leaver)).toMatchObject({ kind: 'refused' });
      await scene.change(id, { roles, groups });
      expect(await scene.vote(asked, scene.ben)).toMatchObject({ approval: { state: 'PENDING' } });
      expect(await scene.vote(asked, leaver)).toMatchObject({ approval: { state: 'APPROVED' } });
    }
  });

  it('from before a group was gained do not count for it', async () => {
    const gainer = await made({ groups: ['treasury'] });
    const perGroup = ['security', 'treasury'].map((group) => ({ group, quorum: 1 }));
    const asked = await scene.ask({ quorum: 2, groups: ['security', 'treasury'], perGroup });
    await scene.vote(asked, gainer);
    await scene.change(gainer.id, { groups: ['treasury', 'security'] });
    expect(await scene.vote(asked, scene.ann)).toMatchObject({ approval: { state: 'PENDING' } });
    expect(await scene.vote(asked, gainer)).toMatchObject({ approval: { state: 'APPROVED' } });
  });

  it('that the clock shows as cast after the right was given back do not count again', async () => {
    const leaver = await made({ groups: ['treasury'] });
    const { id, roles, groups } = leaver;
    const asked = await scene.ask({ quorum: 2, groups: ['treasury', 'security'] });
    await scene.vote(asked, leaver);
    // As if the clock of the database went back by an hour after the vote.
    await scene.sql(`UPDATE votes SET time_ms = time_ms + 3600000 WHERE approver_id = '${id}'`);
    await scene.change(id, { roles: ['auditor'] });
    await scene.change(id, { roles, groups });
    expect(await scene.vote(asked, scene.ben)).toMatchObject({ approval: { state: 'PENDING' } });
  });

  it('by who was changed since its call came in are to be cast again', async () => {
    const gainer = await made({ groups: [] });
    const asked = await scene.ask({ quorum: 1, groups: ['treasury'] });
    await scene.change(gainer.id, { groups: ['treasury'] });
    const stale = { ...gainer, revision: 1n };
    expect(await scene.vote(asked, stale)).toMatchObject({ kind: 'refused', reason: /vote again in a second/ });
    expect(await scene.vote(asked, { ...gainer, revision: 2n })).toMatchObject({ kind: 'recorded' });
  });
});

describe('votes to lift a freeze', () => {
  async function frozen() {
    const freeze = {
      freezeId: randomUUID(),
      scope: 'agent',
      target: randomUUID(),
      reason: 'odd',
      frozenBy: 'eva',
    } as const;
    await state.controls.freeze(freeze, sampleEntry('freeze.set'));
    return (operatorId: string) =>
      state.controls.voteToLift(
        { freezeId: freeze.freezeId, operatorId, reason: 'over', quorum: 2 },
        sampleEntry('freeze.lift_voted'),
        sampleEntry('freeze.lifted'),
      );
  }

  it('by the role admin that was lost do not count, and not again when it is given back, but may be cast anew', async () => {
    const [leaver, stays, vote] = [await made({ roles: ['admin'] }), await made({ roles: ['admin'] }), await frozen()];
    await vote(leaver.id);
    await scene.change(leaver.id, { roles: ['auditor'] });
    expect(await vote(leaver.id)).toMatchObject({ kind: 'refused', reason: /no operator with the role admin/ });
    await scene.change(leaver.id, { roles: ['admin'] });
    const voted = await vote(stays.id);
    expect(voted).toMatchObject({ freeze: { lifted: null, votes: [{ counts: false }, { counts: true }] } });
    expect(await vote(leaver.id)).toMatchObject({ freeze: { lifted: { by: leaver.id } } });
  });

  it('that the clock shows as cast after the role was given back do not count again', async () => {
    const [leaver, stays, vote] = [await made({ roles: ['admin'] }), await made({ roles: ['admin'] }), await frozen()];
    await vote(leaver.id);
    await scene.sql(`UPDATE freeze_votes SET time_ms = time_ms + 3600000 WHERE operator_id = '${leaver.id}'`);
    await scene.change(leaver.id, { roles: ['auditor'] });
    await scene.change(leaver.id, { roles: ['admin'] });
    expect(await vote(stays.id)).toMatchObject({ freeze: { lifted: null } });
  });
});

describe('an admin that was made of an old operator', () => {
  it('is one since then, and other changes do not make it newer', async () => {
    const { id } = await made({ roles: ['auditor'] });
    const keyId = randomUUID();
    await state.principals.createKey(
      { keyId, principalId: id, secretHash: new Uint8Array(32) },
      sampleEntry('api_key.created'),
    );
    const gained = async () => {
      const found = (await state.principals.findByKey(keyId))?.principal;
      return found?.kind === 'operator' ? found.gained : undefined;
    };
    expect(await gained()).toEqual({});
    const before = await state.time();
    await scene.change(id, { roles: ['auditor', 'admin'] });
    const first = (await gained())?.['role:admin'] ?? 0;
    expect(first).toBeGreaterThanOrEqual(before);
    await scene.change(id, { roles: ['admin'], groups: ['treasury'] });
    expect(await gained()).toEqual({ 'role:admin': first, 'group:treasury': expect.any(Number) });
    await scene.change(id, { roles: ['auditor'] });
    await scene.change(id, { roles: ['admin'], groups: [] });
    expect(Object.keys((await gained()) ?? {})).toEqual(['role:admin']);
  });
});
