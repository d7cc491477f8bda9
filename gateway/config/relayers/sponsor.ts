// Owns the `sponsor` entry of the relayers.
import * as z from 'zod';
import type { Address } from '../../core/address.ts';
import { parseAddress } from '../../core/base58.ts';
import { parseAmount } from '../../policy/build/amounts.ts';
import { SOL_ONLY } from '../../policy/build/assets.ts';
import type { KeyPath } from '../problem.ts';
import { address, name } from '../schema-parts.ts';
import type { SectionReader } from '../section-reader.ts';

const AMOUNT = 'must be a whole number, as 5000, or an amount of SOL where lamports are meant, as "0.01 SOL"';
const amount = z.union([z.int().min(0), z.string().min(1).max(100)], AMOUNT);

export const sponsorRelayerSchema = z.strictObject({
  name: name.describe('What wallets call it.'),
  type: z.literal('sponsor').describe('A key of this gateway pays the fees; another relayer sends.'),
  signer: name.describe('Name of the signer that pays. No wallet, and no other relayer, may use it.'),
  relayer: name.describe('Name of the `rpc` relayer that sends.'),
  max_per_transaction: amount.describe('What one transaction may cost, fee and rent, as `0.01 SOL` or in lamports.'),
  per_agent_per_day: amount.describe('What the transactions of one agent may cost in any 24 hours.'),
  per_day: amount.describe('What all transactions together may cost in any 24 hours.'),
  account_rent: z
    .enum(['none', 'associated_token_accounts'])
    .default('none')
    .describe(
      'Whether it may pay the rent of associated token accounts too, of anybody: as the payer of create and create_idempotent.',
    ),
  payment: z
    .strictObject({
      mint: address.describe('Mint of the token.'),
      to: address.describe('Token account that gets it.'),
      price: z
        .strictObject({
          base_units: amount.describe('So many base units of the token …'),
          lamports: amount.describe('… for so many lamports, as `1 SOL` or in lamports. Rounded up.'),
        })
        .describe('What a lamport costs, as a ratio of two whole numbers.'),
    })
    .optional()
    .describe('What the wallet must give for it in the same transaction. Absent: nothing.'),
  alert_below: amount.optional().describe('A balance below this needs a person. Absent: only an empty one does.'),
});

/** Amounts in lamports. */
export interface SponsorRelayerConfig {
  readonly kind: 'sponsor';
  readonly name: string;
  readonly signer: string;
  /** Name of the relayer that sends. */
  readonly sender: string;
  readonly maxPerTransaction: bigint;
  readonly perAgentPerDay: bigint;
  readonly perDay: bigint;
  readonly accountRent: 'none' | 'associated_token_accounts';
  /** `null`: nothing. */
  readonly payment: SponsorPaymentConfig | null;
  readonly alertBelow: bigint;
}

export interface SponsorPaymentConfig {
  readonly mint: Address;
  readonly to: Address;
  readonly price: { readonly baseUnits: bigint; readonly lamports: bigint };
}

type SponsorEntry = z.output<typeof sponsorRelayerSchema>;
type WrittenAmount = z.output<typeof amount>;

export function resolveSponsorRelayer(
  reader: SectionReader,
  at: KeyPath,
  entry: SponsorEntry,
): SponsorRelayerConfig | undefined {
  const lamports = (key: string, written: WrittenAmount) => lamportsOf(reader, [...at, key], written);
  const maxPerTransaction = lamports('max_per_transaction', entry.max_per_transaction);
  const perAgentPerDay = lamports('per_agent_per_day', entry.per_agent_per_day);
  const perDay = lamports('per_day', entry.per_day);
  const alertBelow = lamports('alert_below', entry.alert_below ?? 1);
  const payment = entry.payment === undefined ? null : paymentOf(reader, [...at, 'payment'], entry.payment);
  if (maxPerTransaction === undefined || perAgentPerDay === undefined || perDay === undefined) return undefined;
  if (alertBelow === undefined || payment === undefined) return undefined;
  refuseInverted(reader, at, ['max_per_transaction', maxPerTransaction], ['per_agent_per_day', perAgentPerDay]);
  refuseInverted(reader, at, ['per_agent_per_day', perAgentPerDay], ['per_day', perDay]);
  return {
    kind: 'sponsor',
    name: entry.name,
    signer: entry.signer,
    sender: entry.relayer,
    maxPerTransaction,
    perAgentPerDay,
    perDay,
    accountRent: entry.account_rent,
    payment,
    alertBelow,
  };
}

function refuseInverted(
  reader: SectionReader,
  at: KeyPath,
  [less, small]: readonly [string, bigint],
  [more, large]: readonly [string, bigint],
): void {
  if (small <= large) return;
  reader.refuse([...at, less], `is ${small} lamports, and ${more} only ${large}: it must be at most that`);
}

function paymentOf(
  reader: SectionReader,
  at: KeyPath,
  payment: NonNullable<SponsorEntry['payment']>,
): SponsorPaymentConfig | undefined {
  const { price } = payment;
  const mint = addressOf(reader, [...at, 'mint'], payment.mint);
  const to = addressOf(reader, [...at, 'to'], payment.to);
  const path = [...at, 'price'];
  const baseUnits = wholeOf(reader, [...path, 'base_units'], price.base_units);
  const lamports = lamportsOf(reader, [...path, 'lamports'], price.lamports);
  if (mint === undefined || to === undefined || baseUnits === undefined || lamports === undefined) return undefined;
  return { mint, to, price: { baseUnits, lamports } };
}

function addressOf(reader: SectionReader, path: KeyPath, text: string): Address | undefined {
  return parseAddress(text) ?? reader.refuse(path, 'must be the base58 of 32 bytes');
}

/** As in the data of policies; `undefined`, with a problem, for what is no amount of SOL above zero. */
function lamportsOf(reader: SectionReader, path: KeyPath, written: WrittenAmount): bigint | undefined {
  const amountOf = typeof written === 'string' ? parseAmount(written, SOL_ONLY, 'SOL') : null;
  if (amountOf === null || amountOf.kind === 'other') return wholeOf(reader, path, written);
  if (amountOf.kind === 'wrong') return reader.refuse(path, amountOf.problem);
  return aboveZero(reader, path, amountOf.baseUnits);
}

function wholeOf(reader: SectionReader, path: KeyPath, written: WrittenAmount): bigint | undefined {
  const text = String(written);
  if (/^[0-9]{1,20}$/.test(text)) return aboveZero(reader, path, BigInt(text));
  return reader.refuse(path, AMOUNT);
}

function aboveZero(reader: SectionReader, path: KeyPath, value: bigint): bigint | undefined {
  return value > 0n ? value : reader.refuse(path, 'must be more than nothing');
}
