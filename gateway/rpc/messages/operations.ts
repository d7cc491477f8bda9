// Owns how the state of the gateway and of its wallets looks on the wire.
import type { MessageInitShape } from '@bufbuild/protobuf';
import { durationFromMs, timestampFromMs } from '@bufbuild/protobuf/wkt';
import {
  type BackendCheckSchema,
  FindingSeverity,
  type GetStatusResponseSchema,
  type WalletStateSchema,
} from '../../../proto/gen/countersign/v1/operations_pb.ts';
import { VERSION } from '../../core/version.ts';
import type { BackendCheck } from '../../pipeline/administration/backend-checks.ts';
import type { GatewayStatus } from '../../pipeline/administration/status.ts';
import type { WalletState } from '../../pipeline/administration/wallet-states.ts';
import { WIRE_STATES } from './request.ts';

const SEVERITIES = { problem: FindingSeverity.PROBLEM, notice: FindingSeverity.NOTICE } as const;

export function gatewayStatusMessage(status: GatewayStatus): MessageInitShape<typeof GetStatusResponseSchema> {
  const { findings, facts, replicas, bundleRevision } = status;
  return {
    findings: findings.map(({ severity, code, what, remedy, subjects }) => ({
      severity: SEVERITIES[severity],
      code,
      what,
      remedy,
      subjects: [...subjects],
    })),
    version: VERSION,
    bundleRevision,
    readOnly: facts.isReadOnly,
    openRequests: facts.open.map(({ state, count, oldestAt }) => ({
      state: WIRE_STATES[state],
      count,
      oldestTime: timestampFromMs(oldestAt),
    })),
    pendingApprovals: facts.approvals.count,
    openReservations: facts.reservations.count,
    freezes: facts.freezes.length,
    replicas,
    clockAheadMs: BigInt(facts.clockAheadMs),
  };
}

export function walletStateMessage(state: WalletState): MessageInitShape<typeof WalletStateSchema> {
  const { wallet, signer, relayer, agents, frozen, notServed, balances, check } = state;
  return {
    wallet: wallet.id,
    address: wallet.address ?? '',
    signer,
    relayer,
    agents: [...agents],
    frozen: frozen ?? '',
    notServed: notServed ?? '',
    balances:
      balances.kind === 'known'
        ? balances.balances.map(({ asset, amount, decimals }) => ({ asset, amount: amount.toString(), decimals }))
        : [],
    balancesProblem: balances.kind === 'unknown' ? balances.problem : '',
    foreignTransactions: BigInt(check?.foreign ?? 0),
    foreignSignature: check?.foreignSignature ?? '',
    ...(check === null || check.checkedAt === null ? {} : { checkedTime: timestampFromMs(check.checkedAt) }),
  };
}

export function backendCheckMessage(check: BackendCheck): MessageInitShape<typeof BackendCheckSchema> {
  const { name, backend, address, result, latencyMs, wallets } = check;
  return {
    name,
    type: backend,
    address: address ?? '',
    ready: result.kind === 'ready',
    detail: result.kind === 'ready' ? result.detail : result.reason,
    field: result.kind === 'failed' ? (result.field ?? '') : '',
    latency: durationFromMs(Math.round(latencyMs)),
    wallets: [...wallets],
  };
}
