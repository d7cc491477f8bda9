// Owns how effects are told to a person: who loses what, who gets it, who may take what later, what it costs, what is not known.
import type { ExtensionName } from '../effects/token/token-extensions.ts';
import { lamportsText } from './amounts.ts';
import { amountAt, type Facts, integerAt, isFacts, listAt, objectAt, shownAt, textAt, textsAt } from './facts.ts';

/** Lines without indentation of their own. */
export function effectLines(effects: Facts): readonly string[] {
  return [
    ...listAt(effects, 'transfers').flatMap(transferLines),
    ...listAt(effects, 'outflows').map((sum) => `in all leaves    ${amountAt(sum)}`),
    ...listAt(effects, 'inflows').map((sum) => `in all arrives   ${amountAt(sum)}`),
    ...listAt(effects, 'protected_balances').flatMap(controlledLines),
    ...listAt(effects, 'supply_changes').map(supplyChangeLine),
    ...listAt(effects, 'approvals').map(approvalLine),
    ...listAt(effects, 'authority_changes').map(authorityChangeLine),
    ...listAt(effects, 'closes').map(closeLine),
    ...listAt(effects, 'creations').map(creationLine),
    ...listAt(effects, 'operations').map(operationLine),
    ...listAt(effects, 'cpi_signers').map(cpiSignerLine),
    ...listAt(effects, 'mints').flatMap(mintLines),
    ...listAt(effects, 'guarantees').map(guaranteeLine),
    ...listAt(effects, 'data_addresses').map(dataAddressLine),
    ...costLines(effects),
    ...missingLines(effects),
  ];
}

function transferLines(transfer: Facts): readonly string[] {
  const withheld = integerAt(transfer, 'withheld') ?? 0n;
  return [
    `moves            ${amountAt(transfer)}${basisText(transfer)}`,
    `  from           ${ownedAccount(transfer, 'source', 'source_owner')}`,
    `  to             ${ownedAccount(transfer, 'destination', 'recipient')}`,
    ...(withheld === 0n ? [] : [`  the mint keeps ${amountAt(transfer, 'withheld')} of it, at most`]),
  ];
}

function ownedAccount(transfer: Facts, account: string, owner: string): string {
  const address = shownAt(transfer, account);
  const holder = textAt(transfer, owner);
  return holder === address ? address : `${holder ?? 'AN UNKNOWN OWNER'} (account ${address})`;
}

/** Accounts of the wallet's own stand in the sums; those of others that it signs for would be overlooked there. */
function controlledLines(balance: Facts): readonly string[] {
  if (textAt(balance, 'relation') !== 'controlled') return [];
  return [`signs for        ${shownAt(balance, 'account')}, not its own; out of it go ${amountAt(balance, 'outflow')}`];
}

function supplyChangeLine(change: Facts): string {
  const verb = textAt(change, 'kind') === 'mint' ? 'MAKES TOKENS' : 'DESTROYS TOKENS';
  return `${verb.padEnd(16)} ${amountAt(change)} in ${shownAt(change, 'account')}${basisText(change)}`;
}

function approvalLine(approval: Facts): string {
  const what = `${shownAt(approval, 'amount')} base units of ${shownAt(approval, 'asset')}`;
  return `LETS SPEND       ${shownAt(approval, 'delegate')} may take ${what} from ${shownAt(approval, 'account')}${basisText(approval)}`;
}

function authorityChangeLine(change: Facts): string {
  const to = textAt(change, 'to') ?? 'nobody, for good';
  return `HANDS OVER       ${shownAt(change, 'kind')} of ${shownAt(change, 'account')}: from ${shownAt(change, 'from')} to ${to}${basisText(change)}`;
}

function closeLine(close: Facts): string {
  return `CLOSES           ${shownAt(close, 'account')}, its lamports go to ${shownAt(close, 'destination')}${basisText(close)}`;
}

function creationLine(creation: Facts): string {
  const rent = lamportsText(shownAt(creation, 'rent_lamports'));
  const verb = textAt(creation, 'kind') === 'larger' ? 'makes larger' : 'creates';
  const paid = `rent ${rent}, paid by ${shownAt(creation, 'payer')}, which ${shownAt(creation, 'refundable_to')} can take back`;
  return `${verb.padEnd(16)} ${shownAt(creation, 'account')} for program ${shownAt(creation, 'owner_program')}; ${paid}`;
}

function operationLine(operation: Facts): string {
  return `does             ${shownAt(operation, 'kind')} on ${shownAt(operation, 'account')}${basisText(operation)}`;
}

function cpiSignerLine(cpi: Facts): string {
  return `GIVES SIGNATURE  to program ${shownAt(cpi, 'program')}, whose effects here are not known: it may do anything with it${basisText(cpi)}`;
}

/** What an extension lets others do to tokens that one holds. */
const NOTABLE = new Map(
  Object.entries({
    confidential_transfer_mint: 'amounts can be hidden',
    default_account_state: 'new accounts can begin frozen',
    mint_close_authority: 'can be closed and made anew',
    non_transferable: 'cannot be transferred',
    pausable_config: 'transfers can be stopped',
  } satisfies Partial<Record<ExtensionName, string>>),
);

function mintLines(mint: Facts): readonly string[] {
  const fee = mint.transfer_fee;
  const notes = [
    ...noteOn(mint, 'permanent_delegate', 'permanent delegate'),
    ...noteOn(mint, 'transfer_hook', 'transfer hook'),
    ...(isFacts(fee)
      ? [`transfer fee ${shownAt(fee, 'basis_points')} basis points, at most ${shownAt(fee, 'maximum')} base units`]
      : []),
    ...textsAt(mint, 'extensions').flatMap((name) => NOTABLE.get(name) ?? []),
  ];
  return notes.length === 0 ? [] : [`mint             ${shownAt(mint, 'mint')}: ${notes.join('; ')}`];
}

function noteOn(facts: Facts, name: string, label: string): readonly string[] {
  const value = textAt(facts, name);
  return value === null ? [] : [`${label} ${value}`];
}

function guaranteeLine(guarantee: Facts): string {
  const subject = textAt(guarantee, 'argument') ?? `${shownAt(guarantee, 'kind')} of ${shownAt(guarantee, 'account')}`;
  const bound = integerAt(guarantee, 'amount')?.toString() ?? shownAt(guarantee, 'value');
  const kept = textAt(guarantee, 'basis') === 'asserted' ? 'or the transaction fails' : 'if its program keeps it';
  return `bound            ${subject} ${shownAt(guarantee, 'operator')} ${bound}, ${kept}`;
}

function dataAddressLine(found: Facts): string {
  return `names in data    ${shownAt(found, 'address')} (${shownAt(found, 'argument')})`;
}

function costLines(effects: Facts): readonly string[] {
  const rent = integerAt(effects, 'rent_lamports') ?? 0n;
  const fee = objectAt(effects, 'fee');
  return [
    ...(rent === 0n ? [] : [`pays rent        ${lamportsText(rent.toString())}`]),
    integerAt(fee, 'total_lamports') === null
      ? 'NOT KNOWN        the fee'
      : `fee              ${lamportsText(shownAt(fee, 'total_lamports'))}, paid by ${shownAt(fee, 'payer')}`,
  ];
}

function missingLines(effects: Facts): readonly string[] {
  const missing = listAt(effects, 'missing').map(
    (fact) => `NOT KNOWN        ${shownAt(fact, 'fact')}: ${shownAt(fact, 'detail')}`,
  );
  return Array.isArray(effects.missing) ? missing : ['NOT KNOWN        what else there may be'];
}

/** What is told by the message needs no word. */
function basisText(fact: Facts): string {
  switch (textAt(fact, 'basis')) {
    case 'message':
      return '';
    case 'state':
      return ', as the chain stands';
    case 'simulation':
      return ', SIMULATED, not guaranteed';
    case 'asserted':
      return ', or the transaction fails';
    default:
      return ', ON WHAT BASIS IS NOT KNOWN';
  }
}
