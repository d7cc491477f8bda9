import { expect, it } from 'vitest';
import { AdminService } from '../../proto/gen/countersign/v1/admin_pb.ts';
import { ApprovalService } from '../../proto/gen/countersign/v1/approval_pb.ts';
import { AuditService } from '../../proto/gen/countersign/v1/audit_pb.ts';
import { OperationsService } from '../../proto/gen/countersign/v1/operations_pb.ts';
import { PolicyService } from '../../proto/gen/countersign/v1/policy_pb.ts';
import { SessionKeyService } from '../../proto/gen/countersign/v1/session_key_pb.ts';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { WalletService } from '../../proto/gen/countersign/v1/wallet_pb.ts';
import { isReading } from './reading-methods.ts';

const SERVICES = [
  AdminService,
  ApprovalService,
  AuditService,
  OperationsService,
  PolicyService,
  SessionKeyService,
  SigningService,
  WalletService,
];

/** A method that is new stands here, or only reads. */
const CHANGING = [
  ...[
    'ActivateRevision',
    'Approve',
    'BindWallet',
    'ChangeOperator',
    'CreateApiKey',
    'CreatePrincipal',
    'CreateSessionKey',
  ],
  ...['CreateWallet', 'DestroyWallet', 'DisablePrincipal', 'ExportWallet', 'FollowSource', 'Freeze', 'ImportWallet'],
  ...['NoteKeyDestroyed', 'ProposeWalletAction', 'PruneAuditRecords', 'PushBundle', 'RegisterApproverKey', 'Reject'],
  ...['RevokeApiKey', 'RevokeApproverKey', 'RevokeSessionKey', 'RollBack', 'SetShadow', 'SignAndSendTransaction'],
  ...['SignMessage', 'SignTransaction', 'UnbindWallet', 'Unfreeze', 'VoteForWalletAction', 'Withdraw'],
];

it('takes every method for one that only reads but those that change something', () => {
  const names = SERVICES.flatMap(({ methods }) => methods.map(({ name }) => name));
  expect(new Set(names.filter((name) => !isReading(name)))).toEqual(new Set(CHANGING));
});
