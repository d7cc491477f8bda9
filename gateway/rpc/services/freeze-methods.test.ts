import type { DescMethod, DescMethodUnary } from '@bufbuild/protobuf';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AdminService, FreezeScope } from '../../../proto/gen/countersign/v1/admin_pb.ts';
import type { Connection } from '../../cli/connection.ts';
import type { FreezeRecord } from '../../core/controls/freeze.ts';
import type { OperatorRole } from '../../core/principal/principal.ts';
import { controlPlane, type Plane } from '../testing/planes.ts';
import { OPERATOR } from '../testing/samples.ts';

const { method } = AdminService;
const ID = '01890a5d-ac96-774b-bcce-b302099a8057';

const FREEZE: FreezeRecord = {
  freezeId: ID,
  scope: 'agent',
  target: 'trader',
  reason: 'stolen key',
  frozenBy: 'ann',
  frozenAt: 1_700_000_000_000,
  votes: [{ operatorId: 'ben', reason: 'found', time: 1_700_000_001_000, counts: true }],
  lifted: { by: 'ben', at: 1_700_000_001_000 },
};

let plane: Plane;
let asked: unknown[][];

beforeEach(async () => {
  asked = [];
  plane = await controlPlane({
    isReadOnly: true,
    freezing: {
      freeze: async (by, ask) => {
        asked.push([by.id, ask]);
        return { freeze: { ...FREEZE, lifted: null, votes: [] }, isNew: false };
      },
      voteToLift: async (by, ...rest) => {
        asked.push([by.id, ...rest]);
        return FREEZE;
      },
      list: async (filter) => {
        asked.push([filter]);
        return [FREEZE];
      },
    },
  });
});

afterEach(() => plane.close());

function as(...roles: readonly OperatorRole[]): Connection {
  return plane.connect(plane.principals.add({ ...OPERATOR, id: roles.join('-'), roles }));
}

const FREEZE_TRADER = { scope: FreezeScope.AGENT, target: 'trader', reason: 'stolen key' };

describe('Freeze', () => {
  it('says what is frozen, and that it was before', async () => {
    const { freeze, alreadyFrozen } = await plane.caller.unary(method.freeze, FREEZE_TRADER);
    expect(asked).toEqual([['olga', { scope: 'agent', target: 'trader', reason: 'stolen key' }]]);
    expect(alreadyFrozen).toBe(true);
    expect(freeze).toMatchObject({ freezeId: ID, scope: FreezeScope.AGENT, frozenBy: 'ann', liftedBy: '' });
    expect(freeze?.liftTime).toBeUndefined();
  });

  it.each([
    [{ ...FREEZE_TRADER, scope: FreezeScope.UNSPECIFIED }, 'scope must be one of ALL, AGENT'],
    [{ ...FREEZE_TRADER, reason: ' ' }, 'reason must be a text that says why'],
    [{ ...FREEZE_TRADER, reason: 'x'.repeat(257) }, 'reason must be at most 256 bytes'],
    [{ ...FREEZE_TRADER, reason: 'a\u0007b' }, 'reason must be text without control characters'],
  ])('refuses %j', async (request, message) => {
    const refused = { reason: 'INVALID_FIELD', message: expect.stringContaining(message) };
    await expect(plane.caller.unary(method.freeze, request)).rejects.toMatchObject(refused);
    expect(asked).toEqual([]);
  });
});

describe('Unfreeze', () => {
  it('names the freeze by its id, or by what it froze', async () => {
    const { freeze, quorum } = await plane.caller.unary(method.unfreeze, { freezeId: ID.toUpperCase(), reason: 'ok' });
    await plane.caller.unary(method.unfreeze, { scope: FreezeScope.ALL, reason: 'ok' });
    expect(asked).toEqual([
      ['olga', { kind: 'id', freezeId: ID }, 'ok'],
      ['olga', { kind: 'target', scope: 'all', target: '' }, 'ok'],
    ]);
    expect(quorum).toBe(2);
    expect(freeze).toMatchObject({ liftedBy: 'ben', votes: [{ operator: 'ben', reason: 'found', counts: true }] });
  });

  it.each([
    [{ reason: 'ok' }, 'scope must be one of'],
    [{ freezeId: 'x', reason: 'ok' }, 'freeze_id must be a UUID'],
    [{ freezeId: ID, scope: FreezeScope.ALL, reason: 'ok' }, 'freeze_id must be empty'],
    [{ freezeId: ID }, 'reason must be'],
  ])('refuses %j', async (request, message) => {
    const refused = { reason: 'INVALID_FIELD', message: expect.stringContaining(message) };
    await expect(plane.caller.unary(method.unfreeze, request)).rejects.toMatchObject(refused);
    expect(asked).toEqual([]);
  });
});

it('ListFreezes tells the quorum, and that the gateway only reads', async () => {
  const listed = await plane.caller.unary(method.listFreezes, { includeLifted: true });
  expect(asked).toEqual([[{ lifted: true }]]);
  expect(listed).toMatchObject({ freezes: [{ freezeId: ID }], unfreezeQuorum: 2, readOnly: true });
});

function isUnary(found: DescMethod): found is DescMethodUnary {
  return found.methodKind === 'unary';
}

describe('an approver', () => {
  it('may freeze and look, and nothing else of AdminService', async () => {
    const approver = as('approver');
    await approver.unary(method.freeze, FREEZE_TRADER);
    await approver.unary(method.listFreezes, {});
    const others = AdminService.methods.filter(isUnary).filter(({ name }) => !['Freeze', 'ListFreezes'].includes(name));
    expect(others.length).toBeGreaterThan(8);
    for (const other of others) {
      const missing = { reason: 'ROLE_MISSING', message: expect.stringContaining('this needs the role admin') };
      await expect(approver.unary(other, {}), other.name).rejects.toMatchObject(missing);
    }
  });

  it.each<OperatorRole>(['auditor', 'policy'])('is needed: the role %s may not freeze', async (role) => {
    await expect(as(role).unary(method.freeze, FREEZE_TRADER)).rejects.toMatchObject({ reason: 'ROLE_MISSING' });
  });
});
