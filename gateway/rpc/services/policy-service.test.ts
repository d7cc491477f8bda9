import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BundleOrigin, PolicyService } from '../../../proto/gen/countersign/v1/policy_pb.ts';
import type { Connection } from '../../cli/connection.ts';
import { GatewayError } from '../../core/errors.ts';
import type { OperatorRole } from '../../core/principal/principal.ts';
import { sha256 } from '../../core/sha256.ts';
import type { PolicyRevisionRecord } from '../../state/contract/policy-store.ts';
import { controlPlane, type Plane } from '../testing/planes.ts';
import { OPERATOR } from '../testing/samples.ts';

const ARCHIVE = Uint8Array.from({ length: 200_000 }, (_, i) => i % 251);
const { method } = PolicyService;

function revision(change: Partial<PolicyRevisionRecord> = {}): PolicyRevisionRecord {
  return {
    revision: 'r2',
    archiveDigest: sha256(ARCHIVE),
    origin: 'git',
    gitCommit: 'c'.repeat(40),
    builtAt: 1_000,
    signedBy: 'release',
    pushedBy: null,
    storedAt: 2_000,
    firstActiveAt: null,
    ...change,
  };
}

let plane: Plane;
let asked: unknown[];
/** What a push waits for. */
let holding: Promise<void>;

beforeAll(async () => {
  plane = await controlPlane({
    policy: {
      status: async () => ({
        active: revision({ firstActiveAt: 3_000 }),
        selection: {
          version: 4n,
          pinnedRevision: 'r2',
          followedRevision: 'r1',
          shadowRevision: null,
          shadowSince: null,
          chosenBy: 'olga',
          chosenAt: 5_000,
        },
        source: 'git https://example.com/policies.git main',
        replicas: [{ replica: 'a', revision: 'r1', shadowRevision: null, problem: 'it is older', seenAt: 6_000 }],
      }),
      revisions: async (limit) => {
        asked.push(limit);
        return [revision()];
      },
      push: async (actor, archive) => {
        asked.push([actor.id, sha256(archive)]);
        await holding;
        return revision({ origin: 'push', pushedBy: actor.id });
      },
      download: async (name) => {
        if (name !== 'r2') throw new GatewayError('REVISION_NOT_FOUND', `revision: none is kept as ${name}`);
        return ARCHIVE;
      },
      activate: async (actor, name, reason) => {
        asked.push([actor.id, name, reason]);
        return revision({ revision: name });
      },
      setShadow: async (actor, name) => void asked.push([actor.id, name]),
    },
  });
});

afterAll(() => plane.close());

beforeEach(() => {
  asked = [];
  holding = Promise.resolve();
});

function as(...roles: readonly OperatorRole[]): Connection {
  return plane.connect(plane.principals.add({ ...OPERATOR, id: roles.join('-'), roles }));
}

function parts(archive: Uint8Array, size: number) {
  return Array.from({ length: Math.ceil(archive.length / size) }, (_, i) => ({
    chunk: archive.subarray(i * size, (i + 1) * size),
  }));
}

describe('PolicyService', () => {
  it('says what decides, who chose it and why a replica does not follow', async () => {
    expect(await plane.caller.unary(method.getPolicyStatus, {})).toMatchObject({
      active: {
        revision: 'r2',
        origin: BundleOrigin.GIT,
        signedBy: 'release',
        firstActiveTime: timestampFromMs(3_000),
      },
      pinnedRevision: 'r2',
      shadowRevision: '',
      source: 'git https://example.com/policies.git main',
      replicas: [{ replica: 'a', revision: 'r1', problem: 'it is older', seenTime: timestampFromMs(6_000) }],
      chosenBy: 'olga',
      chooseTime: timestampFromMs(5_000),
    });
  });

  it('lists as many revisions as asked for', async () => {
    await plane.caller.unary(method.listRevisions, {});
    await plane.caller.unary(method.listRevisions, { pageSize: 7 });
    expect(asked).toEqual([50, 7]);
    await expect(plane.caller.unary(method.listRevisions, { pageSize: 1001 })).rejects.toMatchObject({
      reason: 'INVALID_FIELD',
    });
  });

  it('takes a bundle in parts, and gives it back byte for byte', async () => {
    const { revision: kept } = await as('policy').upload(method.pushBundle, parts(ARCHIVE, 50_000));
    expect(kept).toMatchObject({ origin: BundleOrigin.PUSH, pushedBy: 'policy' });
    expect(asked).toEqual([['policy', sha256(ARCHIVE)]]);
    const chunks: Uint8Array[] = [];
    for await (const { chunk } of plane.caller.stream(method.downloadBundle, { revision: 'r2' })) chunks.push(chunk);
    expect(chunks.length).toBeGreaterThan(1);
    expect(Buffer.concat(chunks).equals(ARCHIVE)).toBe(true);
  });

  it('takes two bundles at once and no more, and goes on when one is in', async () => {
    const caller = as('policy');
    const isIn = Promise.withResolvers<void>();
    holding = isIn.promise;
    const pushes = [1, 2].map(() => caller.upload(method.pushBundle, parts(ARCHIVE, 50_000)));
    await expect.poll(() => asked.length).toBe(2);
    await expect(caller.upload(method.pushBundle, parts(ARCHIVE, 50_000))).rejects.toMatchObject({
      reason: 'OVERLOADED',
    });
    isIn.resolve();
    await Promise.all(pushes);
    await caller.upload(method.pushBundle, parts(ARCHIVE, 50_000));
    expect(asked).toHaveLength(3);
  });

  it('refuses a bundle of nothing, and one that is too large, before it is looked at', async () => {
    const caller = as('policy');
    await expect(caller.upload(method.pushBundle, [])).rejects.toMatchObject({ reason: 'INVALID_FIELD' });
    const part = { chunk: new Uint8Array(128 * 1024 - 64) };
    await expect(
      caller.upload(
        method.pushBundle,
        Array.from({ length: 520 }, () => part),
      ),
    ).rejects.toMatchObject({
      reason: 'INVALID_FIELD',
    });
    expect(asked).toEqual([]);
  });

  it('hands on who changes what, and why', async () => {
    const caller = as('policy');
    await caller.unary(method.activateRevision, { revision: 'r3', reason: 'tested' });
    await caller.unary(method.setShadow, { revision: '' });
    expect(asked).toEqual([
      ['policy', 'r3', 'tested'],
      ['policy', null],
    ]);
  });

  it.each<OperatorRole>(['auditor', 'admin'])('lets the role %s look and change nothing', async (role) => {
    const caller = as(role);
    await expect(caller.unary(method.getPolicyStatus, {})).resolves.toBeDefined();
    const changes = [
      () => caller.unary(method.activateRevision, { revision: 'r3' }),
      () => caller.unary(method.rollBack, {}),
      () => caller.unary(method.followSource, {}),
      () => caller.unary(method.setShadow, { revision: 'r3' }),
      () => caller.upload(method.pushBundle, parts(ARCHIVE, 50_000)),
    ];
    for (const change of changes) await expect(change()).rejects.toMatchObject({ reason: 'ROLE_MISSING' });
    expect(asked).toEqual([]);
  });

  it('is closed to approvers', async () => {
    await expect(as('approver').unary(method.getPolicyStatus, {})).rejects.toMatchObject({ reason: 'ROLE_MISSING' });
  });
});
