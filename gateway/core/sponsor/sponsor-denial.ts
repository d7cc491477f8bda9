// Owns the judgement of the gateway's own fee payer: whether it pays for a transaction on its terms, and if not, why and what would be
// right.
import { assertNever } from '../assert-never.ts';
import type { Reason } from '../decision/decision.ts';
import { sponsoredLamports } from './sponsor-cost.ts';
import { type Settling, settle } from './sponsor-payment.ts';
import { type Misuse, misuseOf } from './sponsor-role.ts';
import type { SponsorPayment, SponsorTerms } from './sponsor-terms.ts';
import type { SponsoredActs } from './sponsored-acts.ts';

/** `null`: as far as one transaction tells, it pays. What it pays in a day is for its limits. */
export function sponsorDenial(terms: SponsorTerms, acts: SponsoredActs): Reason | null {
  const misuse = misuseOf(terms, acts);
  if (misuse !== null) return misused(terms, misuse);
  if (acts.decoded.lifetime.kind === 'durable_nonce') return bound(terms, acts.decoded.lifetime.nonceAccount);
  if (acts.fails !== null) return failing(terms, acts.fails);
  const lamports = costOf(terms, acts);
  if (lamports > terms.maxPerTransaction) return tooDear(terms, lamports);
  const { payment } = terms;
  return payment === null ? null : unpaid(terms, payment, lamports, settle(payment, lamports, acts));
}

/** The larger of what the message says and what its simulation showed. */
function costOf({ address }: SponsorTerms, { effects }: SponsoredActs): bigint {
  let most = 0n;
  for (const each of effects) {
    const lamports = sponsoredLamports(each, address);
    if (lamports > most) most = lamports;
  }
  return most;
}

function reason(
  { name, address }: SponsorTerms,
  code: string,
  message: string,
  remedy: string,
  facts: Readonly<Record<string, string>>,
): Reason {
  return { code, rule: 'gateway', message, remedy, facts: { sponsor: name, fee_payer: address, ...facts } };
}

function misused(terms: SponsorTerms, misuse: Misuse): Reason {
  const { name, accountRent } = terms;
  const exception =
    accountRent === 'none' ? '' : ', except as the payer of create or create_idempotent of an associated token account';
  const remedy = `name ${terms.address} as the fee payer and nowhere else${exception}; what the wallet does, the wallet signs and pays`;
  const told = (code: string, where: string, facts: Readonly<Record<string, string>>) =>
    reason(terms, code, `the fee payer of ${name} ${where}, and may be nothing but the fee payer`, remedy, facts);
  switch (misuse.where) {
    case 'instruction': {
      const { instruction, program, role } = misuse;
      const where = `is the account ${role} of instruction ${instruction} (${program})`;
      return told('SPONSOR_IN_INSTRUCTION', where, { instruction: `${instruction}`, program, role });
    }
    case 'inner_instruction': {
      const { instruction, program } = misuse;
      const where = `is used inside instruction ${instruction}, where ${program} is called`;
      return told('SPONSOR_IN_INSTRUCTION', where, { instruction: `${instruction}`, program, role: 'inner' });
    }
    case 'instruction_data': {
      const { instruction, program } = misuse;
      const where = `is named in the data of instruction ${instruction} (${program})`;
      return told('SPONSOR_IN_DATA', where, { instruction: `${instruction}`, program });
    }
    case 'lookup_table':
      return told('SPONSOR_IN_LOOKUP_TABLE', 'is reached by a lookup table', {});
    case 'effect':
      return told('SPONSOR_IN_EFFECT', `has a part in what the transaction does (${misuse.effect})`, {
        effect: misuse.effect,
      });
    default:
      return assertNever(misuse);
  }
}

function bound(terms: SponsorTerms, nonceAccount: string): Reason {
  return reason(
    terms,
    'SPONSOR_DURABLE_NONCE',
    `the transaction lives by the durable nonce ${nonceAccount}, and would bind ${terms.name} and its budgets until somebody advances that`,
    'give it a recent blockhash, or let the wallet pay its fee',
    { nonce_account: nonceAccount },
  );
}

function failing(terms: SponsorTerms, error: string): Reason {
  return reason(
    terms,
    'SPONSORED_TRANSACTION_FAILS',
    `the simulation of the transaction fails (${error}), and a transaction that fails costs ${terms.name} its fee`,
    'send what succeeds: simulate it first',
    { error },
  );
}

function tooDear(terms: SponsorTerms, lamports: bigint): Reason {
  const { name, maxPerTransaction } = terms;
  return reason(
    terms,
    'SPONSOR_COST_EXCEEDED',
    `the transaction costs ${name} ${lamports} lamports of fee and rent`,
    `at most ${maxPerTransaction} lamports: offer a lower priority fee, open fewer accounts, or let the wallet pay the rent`,
    { lamports: lamports.toString(), max: maxPerTransaction.toString() },
  );
}

function unpaid(
  terms: SponsorTerms,
  { mint, to }: SponsorPayment,
  lamports: bigint,
  settling: Settling,
): Reason | null {
  if (settling.kind === 'paid') return null;
  const { due } = settling;
  const remedy = `transfer at least ${due} base units of ${mint} from an account of the wallet to ${to} in the same transaction, beside what a transfer fee withholds`;
  const facts = { mint, to, lamports: lamports.toString(), due: due.toString() };
  switch (settling.kind) {
    case 'too_little': {
      const { arrives } = settling;
      const message = `${terms.name} pays ${lamports} lamports for it and gets ${arrives} base units of ${mint}; ${due} are due`;
      return reason(terms, 'SPONSOR_PAYMENT_MISSING', message, remedy, { ...facts, arrives: arrives.toString() });
    }
    case 'uncertain': {
      const message = `nobody can say for certain what ${terms.name} gets for it: ${settling.reason}`;
      return reason(terms, 'SPONSOR_PAYMENT_UNCERTAIN', message, remedy, facts);
    }
    default:
      return assertNever(settling);
  }
}
