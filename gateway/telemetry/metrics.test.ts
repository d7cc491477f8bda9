import { describe, expect, it } from 'vitest';
import { boundedLabel } from './bounded-label.ts';
import { createMetrics } from './metrics.ts';
import type { SignerReport } from './signer-metrics.ts';

const openReservations = async () => ({ count: 7, oldestAgeMs: 90_500 });
const controls = { freezes: () => [{ scope: 'agent' }, { scope: 'agent' }] as const, isReadOnly: true };

async function samples(metrics: ReturnType<typeof createMetrics>, name: string): Promise<string[]> {
  return (await metrics.registry.metrics()).split('\n').filter((line) => line.startsWith(name));
}

describe('what /metrics prints', () => {
  it('has every metric under the prefix, with a help text', async () => {
    const metrics = createMetrics({ version: '1.2.3' });
    metrics.scrape({ openApprovals: async () => 3, auditSequence: async () => 12n, openReservations, controls });
    const text = await metrics.registry.metrics();
    const names = [...text.matchAll(/^# TYPE (\S+) /gm)].map((match) => match[1]);
    expect(names.filter((name) => !name?.startsWith('countersign_'))).toEqual([]);
    expect(names).toEqual(
      expect.arrayContaining([
        'countersign_requests_total',
        'countersign_stage_seconds',
        'countersign_grpc_calls_total',
        'countersign_grpc_call_seconds',
        'countersign_approvals_open',
        'countersign_audit_sequence',
        'countersign_commit_batch_size',
        'countersign_commit_seconds',
        'countersign_signer_calls_total',
        'countersign_signer_call_seconds',
        'countersign_relayer_calls_total',
        'countersign_relayer_call_seconds',
        'countersign_bundle_revision_info',
        'countersign_policy_activation_seconds',
        'countersign_policy_last_activation_timestamp_seconds',
        'countersign_policy_refusals_total',
        'countersign_build_info',
        'countersign_nodejs_eventloop_lag_seconds',
        'countersign_process_resident_memory_bytes',
      ]),
    );
    expect(text).toContain(`countersign_build_info{version="1.2.3",node="${process.version}"} 1`);
    expect(text).toContain('countersign_approvals_open 3');
    expect(text).toContain('countersign_audit_sequence 12');
    expect(text).toContain('countersign_freezes{scope="agent"} 2');
    expect(text).toContain('countersign_freezes{scope="all"} 0');
    expect(text).toContain('countersign_read_only 1');
    expect(text).toContain('countersign_reservations_open 7');
    expect(text).toContain('countersign_reservation_oldest_seconds 90.5');
  });

  it('counts what it is told', async () => {
    const metrics = createMetrics({ version: '1' });
    metrics.outcome('denied', 'SPENDING_LIMIT_EXCEEDED');
    metrics.stage('sign', 0.0002);
    metrics.roundTrips(2);
    metrics.signerCall('local-keypair', 'signed', 0.001);
    metrics.relayerCall('rpc', 'accepted', 0.1);
    metrics.grpcCall('countersign.v1.SigningService', 'SignTransaction', 'OK', 0.002);
    metrics.commit(17, 0.004);
    metrics.reconciled(3);
    metrics.overBudget('agent_group', 'outflow', 'deny');
    metrics.clockOffset(-0.25);
    metrics.removed('requests', 500);
    const text = await metrics.registry.metrics();
    for (const line of [
      'countersign_requests_total{outcome="denied",reason="SPENDING_LIMIT_EXCEEDED"} 1',
      'countersign_stage_seconds_bucket{le="0.00025",stage="sign"} 1',
      'countersign_chain_round_trips_bucket{le="1"} 0',
      'countersign_chain_round_trips_bucket{le="2"} 1',
      'countersign_signer_calls_total{backend="local-keypair",result="signed"} 1',
      'countersign_relayer_calls_total{backend="rpc",result="accepted"} 1',
      'countersign_grpc_calls_total{service="countersign.v1.SigningService",method="SignTransaction",status="OK"} 1',
      'countersign_commit_batch_size_sum 17',
      'countersign_reservations_reconciled_total 3',
      'countersign_budget_exceeded_total{scope="agent_group",measure="outflow",on_exceed="deny"} 1',
      'countersign_clock_offset_seconds -0.25',
      'countersign_removed_total{what="requests"} 500',
    ]) {
      expect(text).toContain(line);
    }
  });

  it('names one bundle revision, the active one', async () => {
    const metrics = createMetrics({ version: '1' });
    metrics.policyActivated('a'.repeat(500), 0.3);
    metrics.policyActivated('rev-2', 0.2);
    expect(await samples(metrics, 'countersign_bundle_revision_info')).toEqual([
      'countersign_bundle_revision_info{revision="rev-2"} 1',
    ]);
  });

  it('says how long activations took, when the last one was, and why bundles were refused', async () => {
    const metrics = createMetrics({ version: '1' });
    const before = Date.now() / 1000;
    metrics.policyActivated('rev-1', 0.3);
    metrics.policyStepped('compile', 0.1);
    metrics.policyRefused('SIGNATURE_INVALID');
    expect(await samples(metrics, 'countersign_policy_activation_seconds_sum')).toEqual([
      'countersign_policy_activation_seconds_sum 0.3',
    ]);
    expect(await samples(metrics, 'countersign_policy_activation_step_seconds_sum')).toEqual([
      'countersign_policy_activation_step_seconds_sum{step="compile"} 0.1',
    ]);
    expect(await samples(metrics, 'countersign_policy_refusals_total')).toEqual([
      'countersign_policy_refusals_total{reason="SIGNATURE_INVALID"} 1',
    ]);
    const [last] = await samples(metrics, 'countersign_policy_last_activation_timestamp_seconds');
    expect(Number(last?.split(' ')[1])).toBeGreaterThanOrEqual(before);
  });

  it('never grows with what a policy or a caller writes', async () => {
    const metrics = createMetrics({ version: '1' });
    for (let i = 0; i < 5000; i++) {
      metrics.outcome(`kind ${i}`, `reason ${i}`);
      metrics.outcome('denied', `MADE_UP_${i.toString(2).replaceAll('0', 'A').replaceAll('1', 'B')}`);
      metrics.signerCall(`backend-${i}`, `result-${i}`, 1);
      metrics.grpcCall('s', 'm', `STATUS_${'A'.repeat(i % 50)}`, 1);
    }
    metrics.outcome('denied', 'x"} 1\ninjected 1');
    expect((await samples(metrics, 'countersign_requests_total')).length).toBeLessThanOrEqual(202);
    expect((await samples(metrics, 'countersign_signer_calls_total')).length).toBeLessThanOrEqual(33);
    expect((await samples(metrics, 'countersign_grpc_calls_total')).length).toBeLessThanOrEqual(33);
    expect(await samples(metrics, 'injected')).toEqual([]);
  });

  it('shows each signer as it is at the scrape, and nothing of one that is not there any more', async () => {
    const metrics = createMetrics({ version: '1' });
    const guard = { breaker: 'open', inFlight: 3, waiting: 4, restMs: 2_500 } as const;
    let reports: readonly SignerReport[] = [
      { name: 'vault', backend: 'vault-transit', isReady: false, checkedAt: 1_500, guard },
      { name: 'local', backend: 'local-keypair', isReady: null, checkedAt: null, guard: null },
    ];
    metrics.signers(() => reports);
    const labels = '{signer="vault",backend="vault-transit"}';
    expect(await samples(metrics, 'countersign_signer_')).toEqual([
      `countersign_signer_ready${labels} 0`,
      `countersign_signer_last_check_timestamp_seconds${labels} 1.5`,
      `countersign_signer_breaker_state${labels} 2`,
      `countersign_signer_calls_in_flight${labels} 3`,
      `countersign_signer_calls_waiting${labels} 4`,
      `countersign_signer_rest_seconds${labels} 2.5`,
    ]);
    reports = [];
    expect(await samples(metrics, 'countersign_signer_')).toEqual([]);
  });

  it('leaves a gauge out, and nothing else, while its source is away', async () => {
    const metrics = createMetrics({ version: '1' });
    let away = false;
    metrics.scrape({
      openApprovals: async () => {
        if (away) throw new Error('Postgres is away');
        return 1;
      },
      auditSequence: async () => 5n,
      openReservations,
      controls,
    });
    expect(await samples(metrics, 'countersign_approvals_open ')).toEqual(['countersign_approvals_open 1']);
    away = true;
    expect(await samples(metrics, 'countersign_approvals_open ')).toEqual([]);
    expect(await samples(metrics, 'countersign_audit_sequence ')).toEqual(['countersign_audit_sequence 5']);
  });

  it('does not wait for a source that hangs', async () => {
    const metrics = createMetrics({ version: '1' });
    metrics.scrape({
      openApprovals: () => new Promise(() => undefined),
      auditSequence: async () => 5n,
      openReservations,
      controls,
    });
    expect(await samples(metrics, 'countersign_approvals_open ')).toEqual([]);
  });
});

describe('a bounded label', () => {
  it('keeps known values after the bound is reached', () => {
    const label = boundedLabel(/^[A-Z_]{3,64}$/, 2, 'OTHER');
    expect(['ABC', 'DEF', 'GHI', 'ABC', 'ab', 'AB', `A${'B'.repeat(64)}`, 'DEF'].map(label)).toEqual([
      'ABC',
      'DEF',
      'OTHER',
      'ABC',
      'OTHER',
      'OTHER',
      'OTHER',
      'DEF',
    ]);
  });
});
