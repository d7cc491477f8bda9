// Owns the question whether a new judgement is still the one that the approvers saw: same message, same effects, same demand, and a
// simulation that shows the same losses. Of a message to be signed: the same facts.
import { type CanonicalValue, canonicalJson } from '../../core/canonical-json.ts';
import { isJsonObject, parseJson } from '../../core/decision/json-value.ts';
import type { Judgement } from '../../state/contract/request-store.ts';
import { hex } from '../digest.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true });

export function sameDemand(seen: Judgement, now: Judgement): boolean {
  const before = seen.decision.verdict;
  const after = now.decision.verdict;
  if (before.kind !== 'require_approval' || after.kind !== 'require_approval') return false;
  return (
    hex(seen.intentDigest) === hex(now.intentDigest) &&
    JSON.stringify(before.approval) === JSON.stringify(after.approval) &&
    canonicalJson(whatIsShown(seen.policyInput)) === canonicalJson(whatIsShown(now.policyInput))
  );
}

type Document = Readonly<Record<string, CanonicalValue>>;

/** What must be the same; of a transaction, with what its simulation takes. */
export function whatIsShown(policyInput: Uint8Array): CanonicalValue {
  const document = objectOf(parseJson(UTF8.decode(policyInput)), 'document');
  if (document.message !== undefined) return { message: objectOf(document.message, 'message') };
  return { effects: objectOf(document.effects, 'effects'), simulated: whatIsSimulated(document) };
}

/**
 * Of a simulation that ran, what it takes from the wallet and whom it empowers. Not which amounts come in or go between others: in a
 * pool these change with every trade, so that nobody could ever approve a swap. Only a bound in the transaction keeps them.
 */
const COMPARED = [
  'outflows',
  'outflows_by_recipient',
  'fee',
  'rent_lamports',
  'creations',
  'approvals',
  'authority_changes',
  'closes',
  'supply_changes',
  'operations',
  'cpi_signers',
  'mints',
  'missing',
];

function whatIsSimulated({ simulation }: Document): CanonicalValue {
  const { status, effects } = objectOf(simulation, 'simulation');
  if (status !== 'succeeded') return null;
  const shown = objectOf(effects, 'simulation.effects');
  const compared = COMPARED.map((name) => [name, shown[name] ?? null] as const);
  return { ...Object.fromEntries(compared), inflows: assetsOf(shown.inflows), leaves: lossesOf(shown) };
}

function assetsOf(totals: CanonicalValue | undefined): CanonicalValue {
  return listOf(totals, 'simulation.effects.inflows').map((total) => objectOf(total, 'inflow').asset ?? null);
}

/** Of each account that the wallet owns or signs for. */
function lossesOf({ protected_balances }: Document): CanonicalValue {
  return listOf(protected_balances, 'simulation.effects.protected_balances').map((balance) => {
    const { account = null, asset = null, outflow = null } = objectOf(balance, 'balance');
    return { account, asset, outflow };
  });
}

function objectOf(value: CanonicalValue | undefined, what: string): Document {
  if (value !== undefined && isJsonObject(value)) return value;
  throw new Error(`a recorded policy input has no ${what}`);
}

function listOf(value: CanonicalValue | undefined, what: string): readonly CanonicalValue[] {
  if (Array.isArray(value)) return value;
  throw new Error(`a recorded policy input has no ${what}`);
}
