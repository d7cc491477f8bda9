// Owns the `effects` part of a policy input. Keys stand in code point order; amounts are integer literals in base units.
import type {
  AccountClose,
  AccountCreation,
  AssetTotal,
  AuthorityChange,
  CpiSigner,
  DataAddress,
  DelegateApproval,
  Effects,
  Fee,
  Guarantee,
  MintFacts,
  MissingFact,
  ProgramOperation,
  ProtectedBalance,
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
    `,"cpi_signers":${list(effects.cpiSigners, cpiSignerJson)}` +
    `,"creations":${list(effects.creations, creationJson)}` +
    `,"data_addresses":${list(effects.dataAddresses, dataAddressJson)}` +
    `,"fee":${feeJson(effects.fee)}` +
    `,"guarantees":${list(effects.guarantees, guaranteeJson)}` +
    `,"inflows":${list(effects.inflows, assetTotalJson)}` +
    `,"mints":${list(effects.mints, mintJson)}` +
    `,"missing":${list(effects.missing, missingJson)}` +
    `,"operations":${list(effects.operations, operationJson)}` +
    `,"outflows":${list(effects.outflows, assetTotalJson)}` +
    `,"outflows_by_recipient":${list(effects.outflowsByRecipient, recipientTotalJson)}` +
    `,"protected_balances":${list(effects.protectedBalances, protectedBalanceJson)}` +
    `,"rent_lamports":${effects.rentLamports}` +
    `,"supply_changes":${list(effects.supplyChanges, supplyChangeJson)}` +
    `,"transfers":${list(effects.transfers, transferJson)}}`
  );
}

function approvalJson(approval: DelegateApproval): string {
  return (
    `{"account":${text(approval.account)},"amount":${approval.amount}${optionalText('asset', approval.asset)}` +
    `,"basis":${text(approval.basis)}` +
    `,"delegate":${text(approval.delegate)},"instruction":${whole(approval.instruction)}` +
    `,"owner":${text(approval.owner)}}`
  );
}

function authorityChangeJson(change: AuthorityChange): string {
  return (
    `{"account":${text(change.account)},"basis":${text(change.basis)}${optionalText('from', change.from)}` +
    `,"instruction":${whole(change.instruction)},"kind":${text(change.kind)}${optionalText('to', change.to)}}`
  );
}

function closeJson(close: AccountClose): string {
  return (
    `{"account":${text(close.account)},"basis":${text(close.basis)},"destination":${text(close.destination)}` +
    `,"instruction":${whole(close.instruction)},"owner":${text(close.owner)}}`
  );
}

function creationJson(creation: AccountCreation): string {
  return (
    `{"account":${text(creation.account)},"basis":${text(creation.basis)},"instruction":${whole(creation.instruction)}` +
    `,"kind":${text(creation.kind)},"owner_program":${text(creation.ownerProgram)},"payer":${text(creation.payer)}` +
    `,"refundable_to":${text(creation.refundableTo)},"rent_lamports":${creation.rentLamports}}`
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

function operationJson(operation: ProgramOperation): string {
  return (
    `{"account":${text(operation.account)},"basis":${text(operation.basis)}` +
    `,"instruction":${whole(operation.instruction)},"kind":${text(operation.kind)}}`
  );
}

function mintJson(mint: MintFacts): string {
  const { transferFee } = mint;
  const fee =
    transferFee === null
      ? ''
      : `,"transfer_fee":{"basis_points":${whole(transferFee.basisPoints)},"maximum":${transferFee.maximum}}`;
  return (
    `{"decimals":${whole(mint.decimals)},"extensions":${list(mint.extensions, text)},"mint":${text(mint.mint)}` +
    `${optionalText('permanent_delegate', mint.permanentDelegate)},"token_program":${text(mint.tokenProgram)}${fee}` +
    `${optionalText('transfer_hook', mint.transferHook)}}`
  );
}

function protectedBalanceJson(balance: ProtectedBalance): string {
  return (
    `{"account":${text(balance.account)},"asset":${text(balance.asset)},"inflow":${balance.inflow}` +
    `,"net":${balance.net},"outflow":${balance.outflow},"relation":${text(balance.relation)}}`
  );
}

function cpiSignerJson(cpi: CpiSigner): string {
  return (
    `{"basis":${text(cpi.basis)},"instruction":${whole(cpi.instruction)}` +
    `,"program":${text(cpi.program)},"signer":${text(cpi.signer)}}`
  );
}

function dataAddressJson(found: DataAddress): string {
  return (
    `{"address":${text(found.address)},"argument":${text(found.argument)},"basis":${text(found.basis)}` +
    `,"instruction":${whole(found.instruction)}}`
  );
}

function guaranteeJson(guarantee: Guarantee): string {
  const { account, amount, argument, basis, instruction, kind, operator, value } = guarantee;
  return (
    `{${optionalText('account', account).slice(1)}${account === null ? '' : ','}` +
    `${amount === null ? '' : `"amount":${amount},`}${argument === null ? '' : `"argument":${text(argument)},`}` +
    `"basis":${text(basis)},"instruction":${whole(instruction)},"kind":${text(kind)}` +
    `,"operator":${text(operator)}${optionalText('value', value)}}`
  );
}

function supplyChangeJson(change: SupplyChange): string {
  return (
    `{"account":${text(change.account)},"amount":${change.amount}${optionalText('asset', change.asset)}` +
    `,"basis":${text(change.basis)},"instruction":${whole(change.instruction)},"kind":${text(change.kind)}}`
  );
}

function transferJson(transfer: Transfer): string {
  return (
    `{"amount":${transfer.amount},"asset":${text(transfer.asset)},"basis":${text(transfer.basis)}${optionalWhole('decimals', transfer.decimals)}` +
    `,"destination":${text(transfer.destination)},"instruction":${whole(transfer.instruction)}` +
    `${optionalText('recipient', transfer.recipient)},"source":${text(transfer.source)}` +
    `${optionalText('source_owner', transfer.sourceOwner)},"withheld":${transfer.withheld}}`
  );
}
