import { beforeAll, describe, expect, it } from 'vitest';
import { canonicalJsonBytes } from '../../core/canonical-json.ts';
import { dataProblems } from './data-problems.ts';
import { dataSchema } from './settings-schemas.ts';

const RULES = [
  'address_allowlist',
  'fee_limit',
  'human_approval',
  'own_rule',
  'program_allowlist',
  'spending_limit',
  'token_allowlist',
];
const WALLET = 'data.countersign.agents.trader.wallets.treasury';
const ALICE = 'Vote111111111111111111111111111111111111111';

let schema: Uint8Array;

beforeAll(async () => {
  schema = canonicalJsonBytes(await dataSchema(RULES, null));
});

function problems(text: string): readonly string[] {
  return dataProblems(new TextEncoder().encode(text), schema);
}

/** Of one wallet; what it enables stands in its settings. */
function inWallet(settings: string): readonly string[] {
  return problems(`{"countersign":{"agents":{"trader":{"wallets":{"treasury":{${settings}}}}}}}`);
}

function limit(amount: string): string {
  return `"enabled":["spending_limit"],"spending_limit":{"per_transaction":{"SOL":${amount}}}`;
}

describe('data that fit', () => {
  it.each(['0', '1', '9007199254740993', '18446744073709551615'])('have the amount %s', (amount) => {
    expect(inWallet(limit(amount))).toEqual([]);
  });

  it('may name nobody on purpose', () => {
    expect(inWallet('"enabled":["address_allowlist"],"address_allowlist":{"recipients":{"none":"nobody"}}')).toEqual(
      [],
    );
  });

  it('may be for messages alone', () => {
    expect(inWallet(limit('1').replace('"enabled"', '"enabled_for_messages"'))).toEqual([]);
  });
});

describe('an amount', () => {
  it.each([
    ['"1000"', '"1000" is text; an amount is a whole number in base units, or text with a unit such as "1.5 SOL"'],
    ['1.5', '1.5 is no whole number; amounts are whole numbers in base units, or text with a unit such as "1.5 SOL"'],
    ['1e9', '1e9 is no whole number; it must be written in plain digits, without an exponent'],
    ['-1', '-1 is negative; it must be 0 or more'],
    [
      'true',
      'true is no name or number; an amount is a whole number in base units, or text with a unit such as "1.5 SOL"',
    ],
    ['null', 'null is nothing; an amount is a whole number in base units, or text with a unit such as "1.5 SOL"'],
  ])('cannot be %s, and its place and right form are told', (amount, told) => {
    expect(inWallet(limit(amount))).toEqual([`${WALLET}.spending_limit.per_transaction.SOL: ${told}`]);
  });
});

describe('bounds of any size', () => {
  const bounded = (text: string) =>
    canonicalJsonBytes({
      type: 'object',
      properties: { n: { type: 'integer', minimum: 0n, maximum: 2n ** 64n - 1n } },
      definitions: { wallet: { properties: {} } },
      description: text,
    });
  const n = (text: string) => dataProblems(new TextEncoder().encode(`{"countersign":{"n":${text}}}`), bounded(''));

  it('are exact: one more than 64 bits hold is too much', () => {
    expect(n('18446744073709551615')).toEqual([]);
    expect(n('18446744073709551616')).toEqual([
      'data.countersign.n: 18446744073709551616 is more than there can be of any asset: at most 18446744073709551615, the largest that fits 64 bits',
    ]);
  });
});

describe('what is misspelt', () => {
  it.each([
    [
      'a setting',
      limit('1').replace('per_transaction', 'per_transacton'),
      'spending_limit.per_transacton: there is no such setting; is it per_transaction?',
    ],
    [
      'a rule',
      limit('1').replace('["spending_limit"]', '["spending_limit","fee_limt"]'),
      'enabled[1]: "fee_limt" is none of address_allowlist, fee_limit',
    ],
    [
      'the settings of a rule',
      limit('1').replace('"spending_limit":{', '"spending_limits":{'),
      'spending_limits: there is no such setting; is it spending_limit?',
    ],
    [
      'an asset',
      limit('1').replace('SOL', 'Sol'),
      'spending_limit.per_transaction.Sol: this is no asset: SOL, the base58 address of a mint',
    ],
    [
      'an address, by one letter too few',
      `"enabled":["address_allowlist"],"address_allowlist":{"recipients":{"${ALICE.slice(1)}":"alice"}}`,
      `recipients.${ALICE.slice(1)}: this is neither an address (base58 of 32 bytes) nor none`,
    ],
  ])('is told with what was meant: %s', (_what, settings, told) => {
    expect(inWallet(settings).join('\n')).toContain(told);
  });
});

describe('a limit over time', () => {
  const entry = (text: string) =>
    inWallet(
      `"enabled":["spending_limit"],"spending_limit":{"per_transaction":{"SOL":1},"per_window":{"SOL":[{${text}}]}}`,
    );

  it.each([
    '"max":0,"lifetime":true',
    '"max":79228162514264337593543950336,"rolling_seconds":31622400',
    '"max":1,"rolling_seconds":60,"scope":"agent_group","group":"makers","net":true',
    '"max":1,"rolling_seconds":60,"program":"11111111111111111111111111111111"',
  ])('may be {%s}', (text) => {
    expect(entry(text)).toEqual([]);
  });

  it.each([
    ['"max":-1,"rolling_seconds":60', '.max: -1 is negative; it must be 0 or more'],
    [
      '"max":79228162514264337593543950337,"rolling_seconds":60',
      '.max: 79228162514264337593543950337 is too large; at most 79228162514264337593543950336 is permitted',
    ],
    ['"max":1.5,"rolling_seconds":60', '.max: 1.5 is no whole number'],
    ['"max":1,"rolling_seconds":0', '.rolling_seconds: 0 is too small; at least 1 is needed'],
    ['"max":1,"rolling_seconds":31622401', '.rolling_seconds: 31622401 is too large; at most 31622400 is permitted'],
    ['"max":1', ': exactly one of rolling_seconds, calendar, lifetime must stand here'],
    ['"max":1,"rolling_seconds":60,"lifetime":true', ': exactly one of rolling_seconds, calendar, lifetime must'],
    ['"max":1,"calendar":"year","time_zone":"UTC"', '.calendar: "year" is none of day, week, month'],
    ['"max":1,"calendar":"day"', ': time_zone is missing'],
    ['"max":1,"rolling_seconds":60,"group":"makers"', ': scope is missing'],
    ['"max":1,"rolling_seconds":60,"scope":"agent_group"', 'With the scope agent_group stands the group.'],
    ['"max":1,"rolling_seconds":60,"on_exceed":"require_approval"', 'stands the approval that is asked for.'],
    ['"max":1,"rolling_seconds":60,"net":false', '.net: false is none of true'],
  ])('cannot be {%s}', (text, told) => {
    expect(entry(text).join('\n')).toContain(told);
  });
});

describe('a time zone', () => {
  const window = (zone: string) =>
    inWallet(
      `"enabled":["spending_limit"],"spending_limit":{"per_transaction":{"SOL":1},` +
        `"per_window":{"SOL":[{"max":1,"calendar":"day","time_zone":"${zone}"}]}}`,
    );

  it('may be any that the runtime knows', () => {
    expect(window('Europe/Zurich')).toEqual([]);
    expect(window('UTC')).toEqual([]);
  });

  it.each([
    ['Europe/Zurch', 'is it Europe/Zurich?'],
    ['Middle-earth/The_Shire', 'an IANA name is wanted, such as Europe/Zurich'],
  ])('cannot be %s', (zone, told) => {
    expect(window(zone)).toEqual([
      `${WALLET}.spending_limit.per_window.SOL[0].time_zone: there is no time zone "${zone}"; ${told}`,
    ]);
  });
});

describe('what says nothing, or two things', () => {
  it.each([
    [
      'nobody to send to',
      '"enabled":["address_allowlist"],"address_allowlist":{"recipients":{}}',
      'recipients: it is empty: nothing may be sent to anybody; to say so on purpose write {"none": "nobody"}',
    ],
    [
      'no program',
      '"enabled":["program_allowlist"],"program_allowlist":{"programs":{}}',
      'programs: it is empty: no program may be called',
    ],
    [
      'no mint',
      '"enabled":["token_allowlist"],"token_allowlist":{"mints":{}}',
      'mints: it is empty: nothing may be moved',
    ],
    [
      'no asset',
      '"enabled":["spending_limit"],"spending_limit":{"per_transaction":{}}',
      'per_transaction: it is empty: no asset has a limit',
    ],
    [
      'settings that nothing reads',
      limit('1').replace('["spending_limit"]', '["fee_limit"]'),
      'spending_limit: these are settings of a rule that is not enabled',
    ],
    [
      'a rule that is enabled and waived',
      `${limit('1')},"waived":["spending_limit"]`,
      'waived: spending_limit is enabled as well',
    ],
    [
      'a rule without its settings',
      limit('1').replace('["spending_limit"]', '["spending_limit","fee_limit"]'),
      'fee_limit is enabled and has no settings, so it denies everything; write fee_limit with max_fee_lamports, max_rent_lamports',
    ],
    [
      'settings of a rule without a schema of them',
      '"enabled":["own_rule"],"own_rule":{"most":1}',
      'own_rule: no schema says which settings own_rule has; write schema/rules/own_rule.json, or take them out',
    ],
    ['no rule', '"enabled":[]', 'enabled: it is empty'],
    ['a rule twice', '"enabled":["fee_limit","fee_limit"]', 'enabled: it names the same twice'],
    ['nothing at all', '', 'at least one of enabled, enabled_for_messages must stand here'],
  ])('is told: %s', (_what, settings, told) => {
    const found = inWallet(settings);
    expect(found.join('\n')).toContain(`${WALLET}`);
    expect(found.filter((problem) => problem.includes(told))).toHaveLength(1);
  });
});

describe('a document', () => {
  it.each([
    ['{"countersign":{"agents":{}},"other":1}', 'data: it must be an object with the one key countersign'],
    ['{"countersign":{"agents":{},"agents":{}}}', 'data.json cannot be read: countersign.agents stands in it twice'],
    ['{"countersign":{', 'data.json cannot be read'],
    ['{"countersign":{}}', 'data.countersign: agents is missing: By agent id.'],
    ['{"countersign":{"agents":1.5}}', 'data.countersign.agents: 1.5 is no whole number'],
  ])('%s is refused', (text, told) => {
    expect(problems(text).join('\n')).toContain(told);
  });

  it('whose schema is none says so, and does not throw', () => {
    const told = (text: string) =>
      dataProblems(new TextEncoder().encode('{"countersign":{}}'), new TextEncoder().encode(text));
    expect(told('[]')).toEqual(['schema/data.json: it must hold a JSON object']);
    expect(told('{"type":"number"}')).toEqual(['the schema of the data may have no numbers but integers']);
    expect(told('{"typo":"object"}').join()).toContain('unknown keyword');
    expect(told(`{"pattern":"${'a'.repeat(257)}"}`).join()).toContain('a pattern');
  });

  it('with very many problems tells the first fifty', () => {
    const agents = Array.from({ length: 80 }, (_, n) => `"a${n}":{"wallet":{}}`).join();
    const found = problems(`{"countersign":{"agents":{${agents}}}}`);
    expect(found).toHaveLength(51);
    expect(found.at(-1)).toMatch(/^and [0-9]+ more$/);
  });
});
