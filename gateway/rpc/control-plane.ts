// Owns the listener that operators call.
import { AdminService } from '../../proto/gen/countersign/v1/admin_pb.ts';
import { ApprovalService } from '../../proto/gen/countersign/v1/approval_pb.ts';
import { AuditService } from '../../proto/gen/countersign/v1/audit_pb.ts';
import { OperationsService } from '../../proto/gen/countersign/v1/operations_pb.ts';
import { PolicyService } from '../../proto/gen/countersign/v1/policy_pb.ts';
import { SessionKeyService } from '../../proto/gen/countersign/v1/session_key_pb.ts';
import { WalletService } from '../../proto/gen/countersign/v1/wallet_pb.ts';
import type { Operator } from '../core/principal/principal.ts';
import type { Administration } from '../pipeline/administration/administration.ts';
import type { AuditPruning } from '../pipeline/administration/audit-pruning.ts';
import type { Freezing } from '../pipeline/administration/freezing.ts';
import type { ManagedWallets } from '../pipeline/administration/managed-wallets-contract.ts';
import type { Operations } from '../pipeline/administration/operations.ts';
import type { SessionKeys } from '../pipeline/administration/session-keys.ts';
import type { ApproverKeys } from '../pipeline/approval/approver-keys.ts';
import type { ApprovalPipeline } from '../pipeline/pipeline-contract.ts';
import type { PolicyControl, UnmetApprovals } from '../policy/policy-control.ts';
import type { AuditStore } from '../state/contract/audit-store.ts';
import type { RequestStore } from '../state/contract/request-store.ts';
import { type Authenticate, operatorsWith, withRole } from './authenticate.ts';
import type { BoundMethod } from './bound-method.ts';
import { type ListenerOptions, type RpcListener, startListener } from './listener.ts';
import { addService } from './service.ts';
import { adminMethods } from './services/admin-service.ts';
import { approvalMethods } from './services/approval-service.ts';
import { auditMethods, type StreamRecords } from './services/audit-service.ts';
import { freezeMethods } from './services/freeze-methods.ts';
import { operationsMethods } from './services/operations-service.ts';
import { policyMethods } from './services/policy-service.ts';
import { pruneMethod } from './services/prune-method.ts';
import { sessionKeyMethods } from './services/session-key-service.ts';
import { walletMethods } from './services/wallet-service.ts';

export interface ControlPlaneOptions extends ListenerOptions {
  readonly authenticate: Authenticate;
  readonly approvals: ApprovalPipeline;
  readonly administration: Administration;
  readonly approverKeys: ApproverKeys;
  readonly freezing: Freezing;
  readonly sessionKeys: SessionKeys;
  readonly managedWallets: ManagedWallets;
  readonly operations: Operations;
  /** Told beside what is frozen. */
  readonly isReadOnly: boolean;
  readonly audit: Pick<AuditStore, 'get' | 'head' | 'anchor'>;
  readonly auditPruning: AuditPruning;
  readonly policy: PolicyControl;
  readonly unmetApprovals: UnmetApprovals;
  readonly requests: Pick<RequestStore, 'find' | 'readJudged'>;
  readonly streamRecords: StreamRecords;
}

/** Throws when it cannot listen; see {@link startListener}. */
export function startControlPlane(options: ControlPlaneOptions): Promise<RpcListener> {
  const { authenticate } = options;
  const approvers = operatorsWith(authenticate, ['approver']);
  const auditors = operatorsWith(authenticate, ['auditor', 'admin']);
  const policyReaders = operatorsWith(authenticate, ['policy', 'auditor', 'admin']);
  const admins = operatorsWith(authenticate, ['admin']);
  const adminsAndApprovers = operatorsWith(authenticate, ['admin', 'approver']);
  return startListener('control plane', options, [
    {
      service: ApprovalService,
      addTo: (server, edge) =>
        addService(server, edge, ApprovalService, approvers, approvalMethods(options.approvals, options)),
    },
    {
      service: AuditService,
      addTo: (server, edge) =>
        addService(
          server,
          edge,
          AuditService,
          auditors,
          auditMethods(options.audit, options.requests, options.streamRecords),
        ),
    },
    {
      service: PolicyService,
      addTo: (server, edge) =>
        addService(
          server,
          edge,
          PolicyService,
          policyReaders,
          policyMethods(options.policy, options.requests, options.unmetApprovals),
        ),
    },
    {
      service: AdminService,
      addTo: (server, edge) => addService(server, edge, AdminService, adminsAndApprovers, adminServiceMethods(options)),
    },
    {
      service: OperationsService,
      addTo: (server, edge) =>
        addService(server, edge, OperationsService, auditors, operationsMethods(options.operations)),
    },
    {
      service: SessionKeyService,
      addTo: (server, edge) =>
        addService(server, edge, SessionKeyService, admins, sessionKeyMethods(options.sessionKeys)),
    },
    {
      service: WalletService,
      addTo: (server, edge) => addService(server, edge, WalletService, admins, walletMethods(options.managedWallets)),
    },
  ]);
}

function adminServiceMethods(options: ControlPlaneOptions): readonly BoundMethod<Operator>[] {
  const { forApprovers, forAdmins } = freezeMethods(options.freezing, options.isReadOnly);
  const administration = adminMethods(options.administration, options.approverKeys);
  const admins = [...administration, ...forAdmins, pruneMethod(options.auditPruning)];
  return [...forApprovers, ...admins.map((method) => withRole('admin', method))];
}
