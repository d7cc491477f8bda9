import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApprovalService } from '../../proto/gen/countersign/v1/approval_pb.ts';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { Health } from '../../proto/gen/grpc/health/v1/health_pb.ts';
import type { Connection } from '../cli/connection.ts';
import { GatewayError } from '../core/errors.ts';
import { createLocalRateLimiter } from '../replicas/in-process/local-rate-limiter.ts';
import { type CallRates, createCallLimits } from './call-limits.ts';
import { controlPlane, dataPlane, type Plane } from './testing/planes.ts';
import { memoryPrincipals } from './testing/principals.ts';
import { AGENT, OPERATOR, REQUEST_ID, sampleRequest, WALLET } from './testing/samples.ts';

const ENOUGH = { perMinute: 60_000, burst: 1_000 };
const THREE = { perMinute: 1, burst: 3 };

const open: Plane[] = [];
async function opened(plane: Promise<Plane>): Promise<Plane> {
  const value = await plane;
  open.push(value);
  return value;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((plane) => plane.close()));
});

function limits(rates: Partial<CallRates>) {
  const met: string[] = [];
  const callLimits = createCallLimits({
    limiter: createLocalRateLimiter({ now: () => performance.now() }),
    rates: { agent: ENOUGH, agents: new Map(), operator: ENOUGH, failedAttempts: ENOUGH, ...rates },
    observer: { rateLimited: (limit) => met.push(limit) },
  });
  return { callLimits, met };
}

const listWallets = async () => [{ id: 'treasury', address: WALLET, feePayer: null }];
const list = (caller: Connection) => caller.unary(SigningService.method.listWallets, {});

/** What became of so many calls at once, sorted: `ok` or the reason. */
async function outcomes(count: number, call: () => Promise<unknown>): Promise<readonly string[]> {
  const all = Array.from({ length: count }, () =>
    call().then(
      () => 'ok',
      (error: unknown) => (error instanceof Error && 'reason' in error ? String(error.reason) : 'unknown'),
    ),
  );
  return (await Promise.all(all)).sort();
}

const REVOKED = { kind: 'api_key.revoked', time: 1, requestId: null, actor: 'test', facts: {} } as const;

const times = (count: number, what: string) => Array.from({ length: count }, () => what);

describe('the calls of a principal', () => {
  it('are answered RATE_LIMITED beyond its rate, without reaching anything', async () => {
    const { callLimits, met } = limits({ agent: THREE });
    let reached = 0;
    const plane = await opened(
      dataPlane(
        {
          listWallets: () => {
            reached += 1;
            return listWallets();
          },
        },
        { callLimits },
      ),
    );
    expect(await outcomes(10, () => list(plane.caller))).toEqual([...times(7, 'RATE_LIMITED'), ...times(3, 'ok')]);
    expect(reached).toBe(3);
    expect(met).toEqual(times(7, 'agent'));
    await expect(list(plane.caller)).rejects.toMatchObject({
      status: 'RESOURCE_EXHAUSTED',
      reason: 'RATE_LIMITED',
      retry: 'safe',
      message: expect.stringMatching(/^agent shopper: at most 1 calls a minute, and 3 at once; try again in \d+ ms$/),
    });
  });

  it('are counted over all its keys, and apart from those of others', async () => {
    const { callLimits } = limits({ agent: THREE });
    const plane = await opened(dataPlane({ listWallets }, { callLimits }));
    const another = plane.connect(plane.principals.add(AGENT));
    const stranger = plane.connect(plane.principals.add({ ...AGENT, id: 'stranger' }));
    expect(await outcomes(2, () => list(plane.caller))).toEqual(times(2, 'ok'));
    expect(await outcomes(2, () => list(another))).toEqual(['RATE_LIMITED', 'ok']);
    expect(await outcomes(3, () => list(stranger))).toEqual(times(3, 'ok'));
  });

  it('follow the rate that is its own', async () => {
    const { callLimits } = limits({ agent: THREE, agents: new Map([['patient', { perMinute: 1, burst: 1 }]]) });
    const plane = await opened(dataPlane({ listWallets }, { callLimits }));
    const patient = plane.connect(plane.principals.add({ ...AGENT, id: 'patient' }));
    expect(await outcomes(2, () => list(patient))).toEqual(['RATE_LIMITED', 'ok']);
    expect(await outcomes(3, () => list(plane.caller))).toEqual(times(3, 'ok'));
  });

  it('count as one each when they are streams', async () => {
    const { callLimits } = limits({ agent: THREE });
    const watchTransaction = async function* () {
      yield sampleRequest();
    };
    const plane = await opened(dataPlane({ watchTransaction }, { callLimits }));
    const watch = async () => {
      for await (const _ of plane.caller.stream(SigningService.method.watchTransaction, { requestId: REQUEST_ID })) {
        // To its end.
      }
    };
    expect(await outcomes(5, watch)).toEqual([...times(2, 'RATE_LIMITED'), ...times(3, 'ok')]);
  });

  it('are limited on the control plane too, where an operator of the same id is somebody else', async () => {
    const { callLimits, met } = limits({ agent: { perMinute: 1, burst: 1 }, operator: THREE });
    const principals = memoryPrincipals(['treasury']);
    const data = await opened(dataPlane({ listWallets }, { callLimits, principals }));
    const control = await opened(
      controlPlane({ approvals: { listApprovals: async () => [] } }, { callLimits, principals: memoryPrincipals() }),
    );
    const operator = control.connect(control.principals.add({ ...OPERATOR, id: AGENT.id }));
    expect(await outcomes(1, () => list(data.caller))).toEqual(['ok']);
    const calls = await outcomes(5, () => operator.unary(ApprovalService.method.listApprovals, {}));
    expect(calls.filter((outcome) => outcome === 'RATE_LIMITED')).toHaveLength(2);
    expect(met).toEqual(times(2, 'operator'));
  });
});

describe('attempts of nobody', () => {
  const BAD = `csk_0000000000000000_${'A'.repeat(43)}`;

  it('are looked up no oftener than their address may fail, however many come at once', async () => {
    const { callLimits, met } = limits({ failedAttempts: THREE });
    const plane = await opened(dataPlane({}, { callLimits }));
    const keys = Array.from({ length: 20 }, (_, n) =>
      plane.connect(`csk_${String(n).padStart(16, '0')}_${BAD.slice(21)}`),
    );
    const answered = (await Promise.all(keys.map((caller) => outcomes(1, () => list(caller))))).flat().sort();
    expect(answered).toEqual([...times(3, 'CREDENTIALS_INVALID'), ...times(17, 'RATE_LIMITED')]);
    expect(plane.principals.lookups).toHaveLength(3);
    expect(met).toEqual(times(17, 'failed_attempts'));
  });

  it('count without a key, and at the wrong listener', async () => {
    const { callLimits } = limits({ failedAttempts: { perMinute: 1, burst: 2 } });
    const plane = await opened(dataPlane({}, { callLimits }));
    expect(await outcomes(1, () => list(plane.connect(null)))).toEqual(['CREDENTIALS_MISSING']);
    const operator = plane.connect(plane.principals.add(OPERATOR));
    expect(await outcomes(1, () => list(operator))).toEqual(['ROLE_MISSING']);
    expect(await outcomes(1, () => list(operator))).toEqual(['RATE_LIMITED']);
  });

  it('cost those nothing who get in, however many come at once', async () => {
    const { callLimits } = limits({ failedAttempts: THREE });
    const plane = await opened(dataPlane({ listWallets }, { callLimits }));
    expect(await outcomes(50, () => list(plane.caller))).toEqual(times(50, 'ok'));
    for (let call = 0; call < 20; call++) expect(await outcomes(1, () => list(plane.caller))).toEqual(['ok']);
    for (let call = 0; call < 3; call++) {
      expect(await outcomes(1, () => list(plane.connect(BAD)))).toEqual(['CREDENTIALS_INVALID']);
    }
    expect(await outcomes(1, () => list(plane.connect(BAD)))).toEqual(['RATE_LIMITED']);
  });

  it('do not shut out at the same address who got in before, until the key is revoked', async () => {
    const { callLimits } = limits({ failedAttempts: THREE });
    const plane = await opened(dataPlane({ listWallets }, { callLimits }));
    const key = plane.principals.add({ ...AGENT, id: 'neighbour' });
    const neighbour = plane.connect(key);
    expect(await outcomes(1, () => list(neighbour))).toEqual(['ok']);
    for (let call = 0; call < 3; call++) await outcomes(1, () => list(plane.connect(BAD)));
    expect(await outcomes(1, () => list(plane.connect(BAD)))).toEqual(['RATE_LIMITED']);
    expect(await outcomes(5, () => list(neighbour))).toEqual(times(5, 'ok'));
    expect(await outcomes(1, () => list(plane.caller))).toEqual(['RATE_LIMITED']);
    await plane.principals.revokeKey(key.slice(4, 20), REVOKED);
    await vi.waitFor(
      async () => expect(await outcomes(1, () => list(neighbour))).toEqual(['CREDENTIALS_INVALID']),
      5_000,
    );
    expect(await outcomes(1, () => list(neighbour))).toEqual(['RATE_LIMITED']);
  });

  it('are not what a call is while the store is away', async () => {
    const { callLimits } = limits({ failedAttempts: THREE });
    const findByKey = () => Promise.reject(new GatewayError('STORE_UNAVAILABLE', 'Postgres is away'));
    const plane = await opened(dataPlane({}, { callLimits, principals: { ...memoryPrincipals(), findByKey } }));
    for (let call = 0; call < 6; call++) {
      expect(await outcomes(1, () => list(plane.caller))).toEqual(['STORE_UNAVAILABLE']);
    }
  });

  it('do not keep anybody from asking how the gateway is', async () => {
    const { callLimits } = limits({ failedAttempts: { perMinute: 1, burst: 1 } });
    const plane = await opened(dataPlane({}, { callLimits }));
    for (let call = 0; call < 3; call++) await outcomes(1, () => list(plane.connect(BAD)));
    expect(await outcomes(5, () => plane.connect(null).unary(Health.method.check, {}))).toEqual(times(5, 'ok'));
  });
});
