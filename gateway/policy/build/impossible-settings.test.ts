// Settings that fit the schema and could never let anything through: refused where they are built, with what would be right.
import { beforeAll, expect, it } from 'vitest';
import { type CanonicalValue, canonicalJson } from '../../core/canonical-json.ts';
import { parseJson } from '../../core/decision/json-value.ts';
import { bundleData } from './bundle-data.ts';
import { GUARDS, type SchemaObject } from './data-schema.ts';
import { readYaml } from './read-yaml.ts';
import { dataSchema } from './settings-schemas.ts';

const OTHERS = ['human_approval', 'message_guard', 'rate_limit', 'time_restriction', 'token_allowlist'];
const PROGRAM = '11111111111111111111111111111111';
const OTHER_PROGRAM = 'JUP6LkbZbjS1jKKwapdHNy74zcZ3tLUZoi5QNyVTaV4';

let schema: SchemaObject;

beforeAll(async () => {
  schema = await dataSchema([...GUARDS, ...OTHERS], null);
});

/** YAML of one wallet, as it stands in data/agents/trader.yaml; every guard that it does not enable is waived unless it says what is. */
function built(settings: string): readonly string[] {
  const text = `wallets:\n  treasury:\n${settings.replace(/^/gm, '    ')}\n`;
  const file = { name: 'data/agents/trader.yaml', text, path: ['data', 'countersign', 'agents', 'trader'] };
  try {
    bundleData({ agents: { trader: readYaml(text, file.name) } }, schema, [file]);
    return [];
  } catch (error) {
    return String(error instanceof Error ? error.message : error)
      .split('\n')
      .slice(1);
  }
}

function enabling(rules: readonly string[], settings: string): string {
  const waived = GUARDS.filter((guard) => !rules.includes(guard));
  return `enabled: [${rules.join(', ')}]\nwaived: [${waived.join(', ')}]\n${settings}`;
}

const DAY = 'rolling_seconds: 86400';
const APPROVAL = 'quorum: 2, groups: [treasury, security], timeout_seconds: 3600';

function rate(...limits: readonly string[]): string {
  return enabling(['rate_limit'], `rate_limit: {per_window: [${limits.map((limit) => `{${limit}}`).join(', ')}]}`);
}

function asking(approval: string, always = false, limit = ''): string {
  const more =
    limit === ''
      ? ''
      : `\nrate_limit: {per_window: [{max: 5, ${DAY}, on_exceed: require_approval, approval: {${limit}}}]}`;
  const rules = limit === '' ? ['human_approval'] : ['human_approval', 'rate_limit'];
  return enabling(rules, `human_approval: {always: ${always}, above: {}, programs: {}, ${approval}}${more}`);
}

function argument(bounds: string, instructions = '[transfer]'): string {
  const terms = `{instructions: ${instructions}, arguments: {transfer: {amount: {${bounds}}}}}`;
  return enabling(['program_allowlist'], `program_allowlist: {programs: {"${PROGRAM}": ${terms}}}`);
}

function messages(settings: string): string {
  return `enabled_for_messages: [message_guard]\nmessage_guard: {${settings}}`;
}

it.each<[string, string]>([
  [
    'limits that differ in window, scope, group, net or program',
    rate(
      `max: 5, ${DAY}`,
      'max: 5, rolling_seconds: 3600',
      'max: 5, calendar: day, time_zone: UTC',
      'max: 5, calendar: day, time_zone: Europe/Zurich',
      'max: 5, lifetime: true',
      `max: 5, ${DAY}, scope: wallet`,
      `max: 5, ${DAY}, scope: agent_group, group: a`,
      `max: 5, ${DAY}, scope: agent_group, group: b`,
      `max: 0, ${DAY}, program: "${PROGRAM}"`,
    ),
  ],
  [
    'a net of what leaves',
    enabling(
      ['spending_limit'],
      `spending_limit: {per_transaction: {SOL: 5}, per_window: {SOL: [{max: 5, ${DAY}, net: true}, {max: 5, ${DAY}}]}}`,
    ),
  ],
  [
    'a maximum of 0 that people may exceed',
    rate(`max: 0, ${DAY}, on_exceed: require_approval, approval: {${APPROVAL}}`),
  ],
  [
    'as many seats as the quorum',
    asking(`${APPROVAL}, per_group: [{group: treasury, quorum: 1}, {group: security, quorum: 1}]`),
  ],
  [
    'seats of any group where groups are not restricted',
    asking('quorum: 2, groups: [], timeout_seconds: 60, per_group: [{group: x, quorum: 2}]'),
  ],
  ['an escalation before the timeout', asking(`${APPROVAL}, escalation: {after_seconds: 3599, groups: [board]}`)],
  [
    'an approval of a limit by others, where not everything is asked about',
    asking(APPROVAL, false, 'quorum: 1, groups: [board], timeout_seconds: 60'),
  ],
  [
    'an approval of a limit by the same groups in another order',
    asking(APPROVAL, true, 'quorum: 1, groups: [security, treasury], timeout_seconds: 60'),
  ],
  ['bounds of an argument that meet', argument('at_least: 5, at_most: 5, equals: 5, one_of: [5, 6], present: true')],
  ['an argument of an instruction that is named beside *', argument('at_most: 5', '["*", transfer]')],
  [
    'instructions of a program that only an IDL describes',
    enabling(['program_allowlist'], `program_allowlist: {programs: {${OTHER_PROGRAM}: {instructions: [route]}}}`),
  ],
  ['a text as long as may be', messages(`texts: [${'x'.repeat(1024)}]`)],
  [
    'a blackout on a leap day',
    enabling(
      ['time_restriction'],
      'time_restriction: {time_zone: UTC, windows: [{weekdays: [monday], from: "00:00", to: "24:00"}], blackout_dates: {2028-02-29: leap}}',
    ),
  ],
])('builds with %s', (_, settings) => {
  expect(built(settings)).toEqual([]);
});

it.each<[string, string, string]>([
  [
    'two limits of a window and scope',
    rate(`max: 5, ${DAY}`, `max: 6, ${DAY}, scope: agent_wallet`),
    'rate_limit.per_window[1]: it has the window and the scope of entry 1 of this list',
  ],
  [
    'two lifetimes, of which one asks',
    rate('max: 5, lifetime: true', `max: 6, lifetime: true, on_exceed: require_approval, approval: {${APPROVAL}}`),
    'per_window[1]: it has the window',
  ],
  [
    'a net of signatures',
    rate(`max: 5, ${DAY}, net: true`),
    'rate_limit.per_window[0].net: there is a net only of what leaves in all, under spending_limit.per_window; here it denies everything: take it out',
  ],
  [
    'a net of fees',
    enabling(
      ['fee_limit'],
      `fee_limit: {max_fee_lamports: 5, max_rent_lamports: 5, per_window: {rent: [{max: 5, ${DAY}, net: true}]}}`,
    ),
    'fee_limit.per_window.rent[0].net: there is a net only',
  ],
  [
    'a net of what one recipient gets',
    enabling(
      ['spending_limit'],
      `spending_limit: {per_transaction: {SOL: 5}, per_recipient: {per_window: {SOL: [{max: 5, ${DAY}, net: true}]}}}`,
    ),
    'per_recipient.per_window.SOL[0].net: there is a net only',
  ],
  ['no signature at all', rate(`max: 0, ${DAY}`), 'per_window[0].max: with 0 nothing could ever be signed'],
  [
    'more seats than the quorum',
    asking(`${APPROVAL}, per_group: [{group: treasury, quorum: 2}, {group: security, quorum: 1}]`),
    'human_approval.per_group: it asks for 3 people of certain groups, and the quorum is 2, so nothing could ever be approved; the quorum must be at least 3',
  ],
  [
    'a seat of a group that may not vote',
    asking(`${APPROVAL}, per_group: [{group: board, quorum: 1}]`),
    'per_group[0].group: "board" is not among groups (treasury, security)',
  ],
  [
    'a group with two seats',
    asking(`${APPROVAL}, per_group: [{group: treasury, quorum: 1}, {group: treasury, quorum: 2}]`),
    'per_group[1].group: "treasury" stands here twice',
  ],
  [
    'an escalation at the timeout',
    asking(`${APPROVAL}, escalation: {after_seconds: 3600, groups: [board]}`),
    'escalation.after_seconds: 3600 is not before the timeout of 3600 seconds',
  ],
  [
    'more groups than are read',
    asking(`quorum: 1, timeout_seconds: 60, groups: [${Array.from({ length: 65 }, (_, n) => `g${n}`)}]`),
    'human_approval.groups: it names 65 groups; at most 64 are read',
  ],
  [
    'the seats of a limit',
    rate(
      `max: 5, ${DAY}, on_exceed: require_approval, approval: {${APPROVAL}, per_group: [{group: board, quorum: 3}]}`,
    ),
    'per_window[0].approval.per_group: it asks for 3 people',
  ],
  [
    'an approval of a limit by others than are always asked',
    asking(APPROVAL, true, 'quorum: 1, groups: [board], timeout_seconds: 60'),
    'rate_limit.per_window[0].approval: human_approval always asks as well, and nobody could meet both',
  ],
  [
    'a guard that is neither enabled nor waived',
    'enabled: [rate_limit]\nwaived: [fee_limit]\nrate_limit: {per_window: [{max: 1, lifetime: true}]}',
    'enabled: without address_allowlist, authority_guard, program_allowlist, spending_limit no transaction is ever signed',
  ],
  [
    'message_guard for transactions',
    enabling(['message_guard'], 'message_guard: {texts: [hello]}'),
    'enabled: message_guard denies every transaction; its place is enabled_for_messages',
  ],
  [
    'messages without message_guard',
    'enabled_for_messages: [rate_limit]\nrate_limit: {per_window: [{max: 1, lifetime: true}]}',
    'enabled_for_messages: without message_guard no message is ever signed',
  ],
  [
    'a rule of transactions for messages',
    'enabled_for_messages: [message_guard, token_allowlist]\nmessage_guard: {texts: [hello]}\ntoken_allowlist: {mints: {SOL: SOL}}',
    'enabled_for_messages: token_allowlist denies every message',
  ],
  [
    'an instruction that is misspelt',
    enabling(['program_allowlist'], `program_allowlist: {programs: {"${PROGRAM}": {instructions: [transfr]}}}`),
    `programs.${PROGRAM}.instructions[0]: the program system has no instruction transfr, so this permits nothing; is it transfer?`,
  ],
  [
    'an instruction of another program',
    enabling(['program_allowlist'], `program_allowlist: {programs: {"${PROGRAM}": {instructions: [route]}}}`),
    'has no instruction route, so this permits nothing; there are ',
  ],
  [
    'arguments of what may not be called',
    argument('at_most: 5', '[allocate]'),
    `programs.${PROGRAM}.arguments.transfer: instructions does not name transfer`,
  ],
  [
    'bounds that cross',
    argument('at_least: 6, at_most: 5'),
    'arguments.transfer.amount: nothing fits it: at_least 6 is more than at_most 5',
  ],
  ['a value out of its bounds', argument('equals: 6, at_most: 5'), 'nothing fits it: no value is all that it asks for'],
  [
    'values of which none is in its bounds',
    argument('one_of: [1, "a"], at_least: 5'),
    'nothing fits it: no value is all that it asks for',
  ],
  [
    'an option that is absent and something',
    argument('present: false, equals: 1'),
    'nothing fits it: what is not present is no value',
  ],
  [
    'a text that is too long',
    messages(`max_bytes: 10, texts: [hello, "hello, world"]`),
    'message_guard.texts[1]: it has 12 bytes, and 10 may be signed at most; raise max_bytes',
  ],
  [
    'a prefix that is too long for the usual size',
    messages(`prefixes: ["${'é'.repeat(600)}"]`),
    'message_guard.prefixes[0]: it has 1200 bytes, and 1024 may be signed at most',
  ],
  [
    'a blackout on a day that never comes',
    enabling(
      ['time_restriction'],
      'time_restriction: {time_zone: UTC, windows: [{weekdays: [monday], from: "00:00", to: "24:00"}], blackout_dates: {2027-02-29: leap}}',
    ),
    'blackout_dates.2027-02-29: there is no such date',
  ],
])('refuses %s, once, with file and line', (_, settings, told) => {
  const found = built(settings);
  expect(found.filter((line) => line.includes(told))).toHaveLength(1);
  expect(found.every((line) => /^data\/agents\/trader\.yaml:\d+:\d+: /.test(line))).toBe(true);
});

it('takes data that went through a build once', () => {
  const once = bundleData(parseJson(canonicalJson(WALLET)), schema);
  expect(bundleData(once, schema)).toEqual(once);
});

const WALLET: CanonicalValue = {
  agents: {
    trader: {
      wallets: {
        treasury: {
          enabled: ['rate_limit'],
          waived: GUARDS,
          rate_limit: { per_window: [{ max: 5n, lifetime: true }] },
        },
      },
    },
  },
  assets: {},
};
