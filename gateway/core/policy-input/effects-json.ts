// Owns the `effects` part of a policy input. Keys stand in code point order; amounts are integer literals in base units.
import type {
  AccountClose,
  AccountCreation,
  AssetTotal,
  AuthorityChange,
  DelegateApproval,
  Effects,
  Fee,
  MissingFact,
  NonceOperation,
  RecipientTotal,
  SupplyChange,
  Transfer,
} from '../effects/effects.ts';
import { list, optionalText, optionalWhole, text, whole } from './json-text.ts';

export function effectsJson(effects: Effects): string {
  return (
    `{"approvals":${list(effects.approvals, approvalJson)}` +
    `,"authority_changes":${list(effects.authorityChanges, authorityChangeJson)}` +
    `,"closes":${list(effects.closes, closeJson)}` +
    `,"creations":${list(effects.creations, creationJson)}` +
    `,"fee":${feeJson(effects.fee)}` +
    `,"inflows":${list(effects.inflows, assetTotalJson)}` +
    `,"missing":${list(effects.missing, missingJson)}` +
    `,"nonce_operations":${list(effects.nonceOperations, nonceOperationJson)}` +
    `,"outflows":${list(effects.outflows, assetTotalJson)}` +
    `,"outflows_by_recipient":${list(effects.outflowsByRecipient, recipientTotalJson)}` +
    `,"rent_lamports":${effects.rentLamports}` +
    `,"supply_changes":${list(effects.supplyChanges, supplyChangeJson)}` +
    `,"transfers":${list(effects.transfers, transferJson)}}`
  );
}

function approvalJson(approval: DelegateApproval): string {
  return (
    `{"account":${text(approval.account)},"amount":${approval.amount}${optionalText('asset', approval.asset)}` +
    `,"delegate":${text(approval.delegate)},"instruction":${whole(approval.instruction)}` +
    `,"owner":${text(approval.owner)}}`
  );
}

function authorityChangeJson(change: AuthorityChange): string {
  return (
    `{"account":${text(change.account)}${optionalText('from', change.from)}` +
    `,"instruction":${whole(change.instruction)},"kind":${text(change.kind)}${optionalText('to', change.to)}}`
  );
}

function closeJson(close: AccountClose): string {
  return (
    `{"account":${text(close.account)},"destination":${text(close.destination)}` +
    `,"instruction":${whole(close.instruction)},"owner":${text(close.owner)}}`
  );
}

function creationJson(creation: AccountCreation): string {
  return (
    `{"account":${text(creation.account)},"instruction":${whole(creation.instruction)}` +
    `,"owner_program":${text(creation.ownerProgram)},"payer":${text(creation.payer)}` +
    `,"rent_lamports":${creation.rentLamports}}`
  );
}

function feeJson(fee: Fee): string {
  return (
    `{"base_lamports":${fee.baseLamports},"payer":${text(fee.payer)}` +
    `,"priority_lamports":${fee.priorityLamports},"total_lamports":${fee.totalLamports}}`
  );
}

function assetTotalJson(total: AssetTotal): string {
  return `{"amount":${total.amount},"asset":${text(total.asset)}${optionalWhole('decimals', total.decimals)}}`;
}

function recipientTotalJson(total: RecipientTotal): string {
  return `{"amount":${total.amount},"asset":${text(total.asset)},"recipient":${text(total.recipient)}}`;
}

function missingJson(missing: MissingFact): string {
  return (
    `{"detail":${text(missing.detail)},"fact":${text(missing.fact)}` +
    `${optionalWhole('instruction', missing.instruction)}}`
  );
}

function nonceOperationJson(operation: NonceOperation): string {
  return (
    `{"instruction":${whole(operation.instruction)},"kind":${text(operation.kind)}` +
    `,"nonce_account":${text(operation.nonceAccount)}}`
  );
}

function supplyChangeJson(change: SupplyChange): string {
  return (
    `{"account":${text(change.account)},"amount":${change.amount}${optionalText('asset', change.asset)}` +
    `,"instruction":${whole(change.instruction)},"kind":${text(change.kind)}}`
  );
}

function transferJson(transfer: Transfer): string {
  return (
    `{"amount":${transfer.amount},"asset":${text(transfer.asset)}${optionalWhole('decimals', transfer.decimals)}` +
    `,"destination":${text(transfer.destination)},"instruction":${whole(transfer.instruction)}` +
    `${optionalText('recipient', transfer.recipient)},"source":${text(transfer.source)}` +
    `${optionalText('source_owner', transfer.sourceOwner)}}`
  );
}
