import { expect, it } from 'vitest';
import { sampleOperator } from '../../state/testing/sample-principals.ts';
import { refuseNewcomer } from './refuse-newcomer.ts';

const HOUR = 3_600_000;
const MADE = Date.parse('2026-11-21T12:00:00Z');
const eve = { ...sampleOperator('eve', { roles: ['admin'] }), since: MADE };
const at = (now: number, quorum = 2, hours = 24) => ({
  quorum,
  newAdminWaitMs: hours * HOUR,
  databaseTime: async () => now,
});

it('does not count a vote before its operator and the key are old enough, and says from when', async () => {
  await expect(refuseNewcomer(eve, at(MADE + 24 * HOUR - 1))).rejects.toThrow(
    'votes of a new operator, by a new role or group, and with a new API key, count after 24 h (controls.new_admin_wait_hours), for eve with this key from 2026-11-22T12:00:00.000Z; an older key of the same operator votes now',
  );
  await expect(refuseNewcomer(eve, at(MADE + 24 * HOUR))).resolves.toBeUndefined();
});

it('does not count a vote by a role or a group that an old operator has not had for long enough', async () => {
  const old = { ...eve, gained: { 'role:admin': MADE + HOUR, 'group:treasury': MADE + 2 * HOUR } } as const;
  await expect(refuseNewcomer(old, at(MADE + 24 * HOUR))).rejects.toThrow(
    'for eve by the role admin from 2026-11-22T13:00:00.000Z',
  );
  await expect(refuseNewcomer(old, at(MADE + 25 * HOUR))).resolves.toBeUndefined();
  const approving = (now: number) => ({ ...at(now), rights: ['role:approver', 'group:treasury'] as const });
  await expect(refuseNewcomer(old, approving(MADE + 26 * HOUR - 1))).rejects.toThrow(
    'for eve by the group treasury from 2026-11-22T14:00:00.000Z',
  );
  await expect(refuseNewcomer(old, approving(MADE + 26 * HOUR))).resolves.toBeUndefined();
});

it('counts no vote of whom nobody knows since when it calls', async () => {
  await expect(refuseNewcomer(sampleOperator('eve'), at(MADE + 1000 * HOUR))).rejects.toThrow('count after 24 h');
});

it('keeps nobody where one vote is enough, or where nobody is to wait', async () => {
  await expect(refuseNewcomer(eve, at(MADE, 1))).resolves.toBeUndefined();
  await expect(refuseNewcomer(eve, at(MADE, 2, 0))).resolves.toBeUndefined();
});
