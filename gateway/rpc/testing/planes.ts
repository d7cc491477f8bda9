// Owns real listeners around stub pipelines (stubs.ts) for tests.
import type { Logger } from 'pino';
import type { ChainAccounts } from '../../../relayer/chain-reader.ts';
import { type Connection, openConnection } from '../../cli/connection.ts';
import type { AuditRecord } from '../../core/audit/audit-record.ts';
import { type Administration, createAdministration } from '../../pipeline/administration/administration.ts';
import type { AuditPruning } from '../../pipeline/administration/audit-pruning.ts';
import { createListBudgets } from '../../pipeline/administration/budgets.ts';
import type { Freezing } from '../../pipeline/administration/freezing.ts';
import type { ManagedWallets } from '../../pipeline/administration/managed-wallets-contract.ts';
import type { Operations } from '../../pipeline/administration/operations.ts';
import type { SessionKeys } from '../../pipeline/administration/session-keys.ts';
import type { ApproverKeys } from '../../pipeline/approval/approver-keys.ts';
import type { ApprovalPipeline, SigningPipeline } from '../../pipeline/pipeline-contract.ts';
import type { PolicyControl, UnmetApprovals } from '../../policy/policy-control.ts';
import type { PolicyGeneration } from '../../policy/policy-engine.ts';
import type { AuditPosition } from '../../state/contract/audit-store.ts';
import type { BudgetStore } from '../../state/contract/budget-store.ts';
import { createLog } from '../../telemetry/log.ts';
import { createAuthenticate } from '../authenticate.ts';
import { type CallLimits, UNLIMITED } from '../call-limits.ts';
import { type ControlPlaneOptions, startControlPlane } from '../control-plane.ts';
import { type DataPlaneOptions, startDataPlane } from '../data-plane.ts';
import { createHealthState, type HealthState } from '../health-service.ts';
import { DEFAULT_LIMITS, type EdgeLimits } from '../limits.ts';
import type { RpcListener } from '../listener.ts';
import type { TlsFiles } from '../server-tls.ts';
import { type MemoryPrincipals, memoryPrincipals } from './principals.ts';
import { AGENT, OPERATOR, WALLET } from './samples.ts';
import {
  approvalStub,
  budgetDeps,
  managedWalletStub,
  NO_BUDGETS,
  notPlanned,
  operationsStub,
  policyStub,
  sessionKeyStub,
  signingStub,
} from './stubs.ts';

export interface Plane {
  readonly listener: RpcListener;
  readonly address: string;
  readonly principals: MemoryPrincipals;
  readonly health: HealthState;
  /** Lines of the log, parsed. */
  readonly logged: Record<string, unknown>[];
  /** Every call that was observed: method and status. */
  readonly observed: string[];
  /** A connection with the key of a fresh agent (data plane) or of an operator with all roles (control plane). */
  readonly caller: Connection;
  connect(apiKey: string | null): Connection;
  close(): Promise<void>;
}

interface Common {
  readonly sessionKeys?: Partial<SessionKeys>;
  readonly limits?: Partial<EdgeLimits>;
  /** Absent: none. */
  readonly callLimits?: CallLimits;
  readonly principals?: MemoryPrincipals;
  readonly address?: string;
  readonly tls?: TlsFiles;
}

export async function dataPlane(planned: Partial<SigningPipeline> = {}, common: Common = {}): Promise<Plane> {
  const parts = edgeParts(common);
  const listener = await startDataPlane({
    ...parts.options,
    pipeline: signingStub(planned),
    sessionKeys: sessionKeyStub(common.sessionKeys ?? {}),
  });
  return plane(listener, parts, parts.principals.add(AGENT));
}

export async function controlPlane(
  planned: {
    readonly approvals?: Partial<ApprovalPipeline>;
    readonly administration?: Administration;
    readonly budgets?: Pick<BudgetStore, 'list'>;
    readonly assets?: PolicyGeneration['assets'];
    readonly agentGroups?: PolicyGeneration['agentGroups'];
    /** By address; the chain is away where this is absent. */
    readonly mints?: ChainAccounts['accounts'];
    readonly freezing?: Partial<Freezing>;
    readonly isReadOnly?: boolean;
    readonly approverKeys?: Partial<ApproverKeys>;
    readonly head?: bigint;
    readonly anchor?: AuditPosition;
    readonly prune?: AuditPruning['prune'];
    readonly records?: readonly AuditRecord[];
    readonly requests?: Partial<ControlPlaneOptions['requests']>;
    readonly operations?: Partial<Operations>;
    readonly managedWallets?: Partial<ManagedWallets>;
    readonly policy?: Partial<PolicyControl>;
    readonly unmetApprovals?: UnmetApprovals;
    readonly streamRecords?: ControlPlaneOptions['streamRecords'];
  } = {},
  common: Common = {},
): Promise<Plane> {
  const parts = edgeParts(common);
  const { principals } = parts;
  const listener = await startControlPlane({
    ...parts.options,
    approvals: approvalStub(planned.approvals ?? {}),
    administration:
      planned.administration ??
      createAdministration({
        principals,
        wallets: { list: async () => [{ id: 'treasury', address: WALLET }] },
        asAdmin: () => ({ principals }),
        listBudgets: createListBudgets(budgetDeps(planned.budgets ?? NO_BUDGETS, planned)),
        now: () => 5,
      }),
    approverKeys: {
      register: notPlanned('approverKeys.register'),
      list: notPlanned('approverKeys.list'),
      revoke: notPlanned('approverKeys.revoke'),
      ...planned.approverKeys,
    },
    freezing: {
      quorum: 2,
      freeze: notPlanned('freezing.freeze'),
      voteToLift: notPlanned('freezing.voteToLift'),
      list: notPlanned('freezing.list'),
      ...planned.freezing,
    },
    auditPruning: { prune: planned.prune ?? notPlanned('auditPruning.prune') },
    isReadOnly: planned.isReadOnly ?? false,
    audit: {
      head: async () => planned.records?.at(-1) ?? { sequence: planned.head ?? 0n, hash: new Uint8Array(32) },
      anchor: async () => planned.anchor ?? null,
      get: async (sequence) => planned.records?.find((record) => record.sequence === sequence) ?? null,
    },
    requests: {
      find: notPlanned('requests.find'),
      readJudged: notPlanned('requests.readJudged'),
      ...planned.requests,
    },
    sessionKeys: sessionKeyStub(common.sessionKeys ?? {}),
    managedWallets: managedWalletStub(planned.managedWallets ?? {}),
    operations: operationsStub(planned.operations ?? {}),
    policy: policyStub(planned.policy ?? {}),
    unmetApprovals: planned.unmetApprovals ?? (async () => []),
    streamRecords: planned.streamRecords ?? notPlanned('streamRecords'),
  });
  return plane(listener, parts, principals.add(OPERATOR));
}

interface EdgeParts {
  readonly options: Omit<DataPlaneOptions, 'pipeline' | 'sessionKeys'>;
  readonly principals: MemoryPrincipals;
  readonly logged: Record<string, unknown>[];
  readonly observed: string[];
}

function edgeParts(common: Common): EdgeParts {
  const principals = common.principals ?? memoryPrincipals(['treasury']);
  const logged: Record<string, unknown>[] = [];
  const observed: string[] = [];
  const log: Logger = createLog('info', { write: (line) => void logged.push(JSON.parse(line)) });
  return {
    principals,
    logged,
    observed,
    options: {
      address: common.address ?? '127.0.0.1:0',
      ...(common.tls === undefined ? {} : { tls: common.tls }),
      limits: { ...DEFAULT_LIMITS, ...common.limits },
      callLimits: common.callLimits ?? UNLIMITED,
      log,
      observer: { grpcCall: (_service, method, status) => void observed.push(`${method} ${status}`) },
      health: createHealthState(),
      authenticate: createAuthenticate(principals, { findByKey: async () => null }),
    },
  };
}

function plane(listener: RpcListener, parts: EdgeParts, apiKey: string): Plane {
  const { address } = listener;
  const connections: Connection[] = [];
  const connect = (key: string | null) => {
    const connection = openConnection({ address, apiKey: key, caFile: null });
    connections.push(connection);
    return connection;
  };
  return {
    listener,
    address,
    principals: parts.principals,
    health: parts.options.health,
    logged: parts.logged,
    observed: parts.observed,
    caller: connect(apiKey),
    connect,
    async close() {
      for (const connection of connections) connection.close();
      await listener.shutdown(0);
    },
  };
}
