import { beforeAll, describe, expect, it } from 'vitest';
import type { CanonicalValue } from '../../core/canonical-json.ts';
import { bundleData } from './bundle-data.ts';
import { GUARDS, type SchemaObject } from './data-schema.ts';
import { readJson } from './read-json.ts';
import { dataSchema } from './settings-schemas.ts';

const USDC = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v';
const ALICE = 'Vote111111111111111111111111111111111111111';
const RULES = ['address_allowlist', 'fee_limit', 'spending_limit', 'token_allowlist'];

let schema: SchemaObject;

beforeAll(async () => {
  schema = await dataSchema(RULES, null);
});

function built(settings: object, assets: object = { USDC: { mint: USDC, decimals: 6 } }): CanonicalValue {
  const { enabled } = Object(settings);
  const waived = GUARDS.filter((guard) => !enabled.includes(guard));
  const source = { assets, agents: { trader: { wallets: { treasury: { waived, ...settings } } } } };
  const { agents } = Object(bundleData(readJson(JSON.stringify(source), 'data'), schema));
  return agents.trader.wallets.treasury;
}

function limits(perTransaction: object, rest: object = {}): object {
  return { enabled: ['spending_limit'], spending_limit: { per_transaction: perTransaction, ...rest } };
}

function builtLimits(perTransaction: object): CanonicalValue {
  return Object(built(limits(perTransaction))).spending_limit.per_transaction;
}

describe('amounts with units', () => {
  it.each([
    ['SOL', '1.5 SOL', 1_500_000_000n],
    ['SOL', '0.000000001 SOL', 1n],
    ['SOL', '0 SOL', 0n],
    ['SOL', '18446744073.709551615 SOL', 18_446_744_073_709_551_615n],
    ['USDC', '250 USDC', 250_000_000n],
    ['USDC', '0.10 USDC', 100_000n],
    [USDC, '9007199254740.993001 USDC', 9_007_199_254_740_993_001n],
  ])('under %s: %s is exact', (asset, text, baseUnits) => {
    expect(builtLimits({ [asset]: text })).toEqual({ [asset === 'SOL' ? 'SOL' : USDC]: baseUnits });
  });

  it('stand wherever the schema has an amount: in windows, and in lamports', () => {
    const perWindow = { per_window: { USDC: [{ max: '1000 USDC', rolling_seconds: 86400 }] } };
    const settings = Object(built(limits({ USDC: '1 USDC' }, perWindow)));
    expect(settings.spending_limit.per_window).toEqual({ [USDC]: [{ max: 1_000_000_000n, rolling_seconds: 86_400n }] });
    const fees = { max_fee_lamports: '0.0001 SOL', max_rent_lamports: 5 };
    expect(Object(built({ enabled: ['fee_limit'], fee_limit: fees })).fee_limit).toEqual({
      max_fee_lamports: 100_000n,
      max_rent_lamports: 5n,
    });
  });

  it.each([
    ['SOL', '1.0000000001 SOL', 'has 10 digits behind the point; SOL has 9'],
    ['USDC', '0.0000001 USDC', 'has 7 digits behind the point; USDC has 6'],
    ['SOL', '5 USDC', `"5 USDC" is in USDC, but stands where an amount of SOL belongs`],
    ['USDC', '5 SOL', `"5 SOL" is in SOL, but stands where an amount of USDC (${USDC}) belongs`],
    ['SOL', '5 SLO', 'there is no asset SLO; is it SOL?'],
    ['SOL', '5 sol', 'there is no asset sol; is it SOL?'],
    ['SOL', '-5 SOL', '"-5 SOL" is no amount'],
    ['SOL', '5SOL', '"5SOL" is no amount'],
    ['SOL', '1,000 SOL', '"1,000 SOL" is no amount'],
    ['SOL', '5', '"5" is text; an amount is a whole number'],
    ['SOL', '5.', '"5." is text; an amount is a whole number'],
    ['SOL', '1e3 SOL', '"1e3 SOL" is no amount'],
    ['USDT', 5, 'per_transaction.USDT: there is no asset USDT; is it USDC?'],
  ])('under %s: %s is refused', (asset, text, told) => {
    expect(() => builtLimits({ [asset]: text })).toThrow(told);
  });

  it('cannot stand where no amount belongs', () => {
    const window = (change: object) => ({ per_window: { SOL: [{ max: 1, rolling_seconds: 60, ...change }] } });
    expect(() => built(limits({ SOL: 1 }, window({ rolling_seconds: '60 SOL' })))).toThrow(
      'rolling_seconds: "60 SOL" is text; a whole number belongs here',
    );
  });
});

describe('symbols', () => {
  it('become mints where assets are keys', () => {
    const recipients = { recipients: { [ALICE]: 'alice' }, recipients_by_asset: { USDC: { [ALICE]: 'alice' } } };
    const settings = Object(built({ enabled: ['address_allowlist'], address_allowlist: recipients }));
    expect(Object.keys(settings.address_allowlist.recipients_by_asset)).toEqual([USDC]);
    const tokens = Object(built({ enabled: ['token_allowlist'], token_allowlist: { mints: { USDC: 'dollars' } } }));
    expect(tokens.token_allowlist.mints).toEqual({ [USDC]: 'dollars' });
  });

  it('and the mint itself cannot both be a key', () => {
    expect(() => builtLimits({ USDC: 1, [USDC]: 2 })).toThrow('stands here twice, by its symbol and by its address');
  });

  it.each<[string, object, string]>([
    ['SOL itself', { SOL: { mint: USDC, decimals: 9 } }, 'SOL is built in'],
    [
      'two that look alike',
      { USDC: { mint: USDC, decimals: 6 }, usdc: { mint: ALICE, decimals: 6 } },
      'mistaken for USDC',
    ],
    [
      'a mint twice',
      { USDC: { mint: USDC, decimals: 6 }, USD: { mint: USDC, decimals: 6 } },
      'an asset has one symbol',
    ],
    [
      'a mint twice with other decimals',
      { USDC: { mint: USDC, decimals: 6 }, USD: { mint: USDC, decimals: 9 } },
      'already, with 6 decimals and not 9; look the mint up',
    ],
    ['a mint that is none', { USDC: { mint: 'USDC', decimals: 6 } }, 'mint must be the base58 address'],
    ['decimals that are text', { USDC: { mint: USDC, decimals: '6' } }, 'decimals must be those of the mint'],
    ['decimals beyond a byte', { USDC: { mint: USDC, decimals: 256 } }, 'decimals must be those of the mint'],
    ['a key too many', { USDC: { mint: USDC, decimals: 6, name: 'x' } }, 'exactly the keys mint and decimals'],
    ['a symbol with a space', { 'US DC': { mint: USDC, decimals: 6 } }, 'a symbol is 1 to 16 letters'],
  ])('are refused: %s', (_what, assets, told) => {
    expect(() => built({ enabled: ['fee_limit'] }, assets)).toThrow(told);
  });
});
