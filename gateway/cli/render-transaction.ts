// Owns how a decoded transaction and its effects are shown to a person: what moves first, then how.

import type {
  DecodedInstruction,
  DecodedTransaction,
  Effects,
  TransactionLifetime,
  Transfer,
} from '../../proto/gen/countersign/v1/transaction_pb.ts';
import { assertNever } from '../core/assert-never.ts';
import { amountText, lamportsText } from './amounts.ts';
import { printable } from './printable.ts';

const MAX_DATA_SHOWN = 64;

/** Lines without indentation of their own. */
export function renderTransaction(
  transaction: DecodedTransaction | undefined,
  effects: Effects | undefined,
): readonly string[] {
  return [...renderEffects(effects), ...renderInstructions(transaction)];
}

/** What the transaction does to the wallet. */
export function renderEffects(effects: Effects | undefined): readonly string[] {
  if (effects === undefined) return ['What it does: NOT KNOWN'];
  const lines = [
    ...effects.transfers.flatMap(transferLines),
    ...effects.outflows.map((sum) => `in all leaves    ${amountText(sum.asset, sum.amount, sum.decimals)}`),
    ...effects.inflows.map((sum) => `in all arrives   ${amountText(sum.asset, sum.amount, sum.decimals)}`),
    ...effects.approvals.map(
      ({ amount, asset, account, delegate }) =>
        `LETS SPEND       ${name(delegate)} may take ${name(amount)} base units of ${name(asset)} from ${name(account)}`,
    ),
    ...effects.authorityChanges.map(
      ({ kind, account, from, to }) =>
        `HANDS OVER       ${name(kind)} of ${name(account)}: from ${name(from)} to ${to === '' ? 'nobody, for good' : name(to)}`,
    ),
    ...effects.closes.map(
      ({ account, destination }) => `CLOSES           ${name(account)}, its lamports go to ${name(destination)}`,
    ),
    ...feeLines(effects),
    ...effects.missing.map(({ fact, detail }) => `NOT KNOWN        ${name(fact)}: ${printable(detail)}`),
  ];
  return ['What it does', ...lines.map((line) => `  ${line}`)];
}

function transferLines(transfer: Transfer): readonly string[] {
  const { asset, amount, decimals, source, sourceOwner, destination, recipient } = transfer;
  return [
    `moves            ${amountText(asset, amount, decimals)}`,
    `  from           ${ownedAccount(source, sourceOwner)}`,
    `  to             ${ownedAccount(destination, recipient)}`,
  ];
}

function ownedAccount(account: string, owner: string): string {
  if (owner === account) return name(account);
  return `${owner === '' ? 'AN UNKNOWN OWNER' : name(owner)} (account ${name(account)})`;
}

function feeLines({ fee, rentLamports }: Effects): readonly string[] {
  const rent = rentLamports === '0' ? [] : [`pays rent        ${lamportsText(rentLamports)}`];
  if (fee === undefined) return [...rent, 'NOT KNOWN        the fee'];
  return [...rent, `fee              ${lamportsText(fee.totalLamports)}, paid by ${name(fee.payer)}`];
}

/** The instructions as the gateway read them from the bytes. */
export function renderInstructions(transaction: DecodedTransaction | undefined): readonly string[] {
  if (transaction === undefined) return ['Instructions: NOT KNOWN'];
  const { version, size, feePayer, signers, lifetime, instructions } = transaction;
  const waiting = signers.filter(({ signed }) => !signed).map(({ address }) => name(address));
  return [
    `Instructions (${instructions.length}, transaction version ${name(version)}, ${size} bytes)`,
    ...instructions.flatMap(instructionLines).map((line) => `  ${line}`),
    `  fee payer ${name(feePayer)}`,
    `  must still sign ${waiting.length === 0 ? 'nobody' : waiting.join(', ')}`,
    `  ${lifetimeText(lifetime)}`,
  ];
}

function instructionLines(instruction: DecodedInstruction): readonly string[] {
  const { index, program, programName, accounts, data } = instruction;
  const known = instruction.known && instruction.name !== '';
  const title = known
    ? `${name(programName)} ${name(instruction.name)}`
    : `UNREADABLE instruction of ${programName === '' ? 'an unknown program' : name(programName)}`;
  return [
    `${index}  ${title}  (${name(program)})`,
    ...accounts.map(
      ({ role, address, signer, writable }) =>
        `     ${(role === '' ? '-' : name(role)).padEnd(16)} ${name(address)}${signer ? ', signs' : ''}${writable ? ', writable' : ''}`,
    ),
    ...Object.entries(instruction.arguments).map(([key, value]) => `     ${name(key).padEnd(16)} = ${name(value)}`),
    ...(known ? [] : [`     data             ${dataText(data)}`]),
  ];
}

function dataText(data: Uint8Array): string {
  const hex = Buffer.from(data.subarray(0, MAX_DATA_SHOWN)).toString('hex');
  return `${data.length} bytes: ${hex}${data.length > MAX_DATA_SHOWN ? '…' : ''}`;
}

function lifetimeText(lifetime: TransactionLifetime | undefined): string {
  const kind = lifetime?.kind;
  switch (kind?.case) {
    case 'recentBlockhash':
      return `lives by blockhash ${name(kind.value)}`;
    case 'durableNonce':
      return `DOES NOT EXPIRE: durable nonce account ${name(kind.value.nonceAccount)}, authority ${name(kind.value.nonceAuthority)}`;
    case undefined:
      return 'lifetime NOT KNOWN';
    default:
      return assertNever(kind);
  }
}

function name(text: string): string {
  return text === '' ? '(unknown)' : printable(text);
}
