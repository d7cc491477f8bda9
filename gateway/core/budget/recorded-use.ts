// Owns what a judged request uses of limits, read from its recorded policy input.
import { integerOf, isJsonList, isJsonObject, type JsonValue, parseCompactJson } from '../decision/json-value.ts';
import type { CountedEffects, Use } from './charge.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** What the gateway itself would have counted, but for what a fee payer of its own pays. Throws SyntaxError. */
export function recordedUse(policyInput: Uint8Array): Use {
  const input = parseCompactJson(UTF8.decode(policyInput));
  const simulation = member(input, 'simulation');
  const shown = member(simulation, 'status') === 'succeeded' ? simulation : null;
  const ran = itemsOf(member(shown, 'instructions')).map((each) => member(each, 'instruction'));
  const called = [...itemsOf(member(member(input, 'transaction'), 'instructions')), ...ran];
  const effects = [member(input, 'effects'), member(shown, 'effects')].filter(isJsonObject);
  return {
    effects: effects.map(effectsIn),
    wallet: textOf(member(member(input, 'wallet'), 'address')),
    programs: new Set(called.flatMap(programsWithin)),
  };
}

function effectsIn(effects: JsonValue): CountedEffects {
  const fee = member(effects, 'fee');
  return {
    outflows: itemsOf(member(effects, 'outflows')).map((total) => ({
      ...amountIn(total),
      decimals: decimalsIn(total),
    })),
    outflowsByRecipient: itemsOf(member(effects, 'outflows_by_recipient')).map((total) => ({
      ...amountIn(total),
      recipient: textOf(member(total, 'recipient')),
    })),
    inflows: itemsOf(member(effects, 'inflows')).map(amountIn),
    fee: { payer: textOf(member(fee, 'payer')), totalLamports: integerOf(member(fee, 'total_lamports')) ?? 0n },
    rentLamports: integerOf(member(effects, 'rent_lamports')) ?? 0n,
    creations: [],
    missing: itemsOf(member(effects, 'missing')).map((gap) => ({ fact: textOf(member(gap, 'fact')) })),
  };
}

function amountIn(total: JsonValue) {
  return { asset: textOf(member(total, 'asset')), amount: integerOf(member(total, 'amount')) ?? 0n };
}

function decimalsIn(total: JsonValue): number | null {
  const decimals = integerOf(member(total, 'decimals'));
  return decimals === null ? null : Number(decimals);
}

function programsWithin(instruction: JsonValue): readonly string[] {
  const parts = itemsOf(member(instruction, 'parts'));
  return [textOf(member(instruction, 'program')), ...parts.flatMap(programsWithin)];
}

function member(value: JsonValue, key: string): JsonValue {
  return isJsonObject(value) ? (value[key] ?? null) : null;
}

function itemsOf(value: JsonValue): readonly JsonValue[] {
  return isJsonList(value) ? value : [];
}

function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value : '';
}
