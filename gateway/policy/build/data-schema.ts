// Owns how the schema of the policy data is put together: the shared definitions, and the settings of each rule, in one closed schema.
import type { CanonicalValue } from '../../core/canonical-json.ts';
import { isJsonList } from '../../core/decision/json-value.ts';

export type SchemaObject = { readonly [key: string]: CanonicalValue };

export interface SchemaParts {
  /** `policies/schema/definitions.json`. */
  readonly definitions: CanonicalValue;
  /** By rule: the schema of its settings. A rule without one has no settings. */
  readonly settings: ReadonlyMap<string, CanonicalValue>;
  /** Every rule that there is. */
  readonly rules: readonly string[];
}

const SHARED = 'definitions.json#/definitions/';
const OWN = '#/definitions/';
const ADDRESS = '^[1-9A-HJ-NP-Za-km-z]{32,44}$';
/** What `main.rego` asks for before a transaction is signed, and lets a wallet waive. */
export const GUARDS = ['address_allowlist', 'authority_guard', 'fee_limit', 'program_allowlist', 'spending_limit'];

/** Of `data.countersign`, as it stands in a bundle: amounts are integers, assets are addresses of mints. */
export function assembleDataSchema({ definitions, settings, rules }: SchemaParts): SchemaObject {
  const names = [...new Set(rules)].sort();
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Policy data: data.countersign',
    description:
      'What each agent may do with each wallet. Amounts are integers in base units. What is not named here is denied.',
    type: 'object',
    additionalProperties: false,
    required: ['agents'],
    properties: {
      agents: byName('By agent id.', {
        type: 'object',
        additionalProperties: false,
        required: ['wallets'],
        properties: { wallets: byName('By wallet id.', { $ref: `${OWN}wallet` }) },
      }),
      assets: {
        type: 'object',
        description: 'What amounts of each mint are called, by its base58 address.',
        propertyNames: { pattern: ADDRESS },
        additionalProperties: ASSET,
      },
    },
    definitions: {
      ...definitionsOf(definitions, ''),
      ...Object.assign({}, ...[...settings].map(([rule, schema]) => definitionsOf(schema, rule))),
      wallet: walletSchema(settings, names),
    },
  };
}

const ASSET: SchemaObject = {
  type: 'object',
  additionalProperties: false,
  required: ['decimals', 'symbol'],
  properties: {
    symbol: { type: 'string', pattern: '^[A-Za-z$][A-Za-z0-9$._-]{0,15}$', description: 'What people call it.' },
    decimals: { type: 'integer', minimum: 0n, maximum: 255n, description: 'Of the mint.' },
  },
};

function walletSchema(settings: SchemaParts['settings'], rules: readonly string[]): SchemaObject {
  const ruleList = (description: string, least: bigint, names: readonly string[]): SchemaObject => ({
    type: 'array',
    description,
    minItems: least,
    uniqueItems: true,
    items: { type: 'string', enum: names },
  });
  return {
    type: 'object',
    description: 'What an agent may do with a wallet.',
    additionalProperties: false,
    anyOf: [{ required: ['enabled'] }, { required: ['enabled_for_messages'] }],
    properties: {
      enabled: ruleList(
        'Rules that must all agree before a transaction is signed. Nothing is enabled by itself.',
        1n,
        rules,
      ),
      enabled_for_messages: ruleList(
        'Rules that must all agree before a message is signed. Absent: none is.',
        1n,
        rules,
      ),
      waived: ruleList(
        'Rules of the library that are left out on purpose: everything of their kind passes. Absent: none.',
        0n,
        GUARDS,
      ),
      ...Object.fromEntries([...settings].map(([rule, schema]) => [rule, settingsOf(schema, rule)])),
    },
  };
}

function settingsOf(schema: CanonicalValue, rule: string): SchemaObject {
  const { definitions: _, $schema: _schema, ...rest } = objectOf(schema, `the schema of the settings of ${rule}`);
  return objectOf(pointed(rest, rule), rule);
}

/** Those of a rule are called `<rule>.<name>`, so that two rules can each have one of a name. */
function definitionsOf(schema: CanonicalValue, rule: string): SchemaObject {
  const { definitions = {} } = objectOf(
    schema,
    rule === '' ? 'definitions.json' : `the schema of the settings of ${rule}`,
  );
  return Object.fromEntries(
    Object.entries(objectOf(definitions, 'definitions')).map(([name, definition]) => [
      rule === '' ? name : `${rule}.${name}`,
      pointed(definition, rule),
    ]),
  );
}

/** With every `$ref` pointing into the schema that is put together. */
function pointed(schema: CanonicalValue, rule: string): CanonicalValue {
  if (isJsonList(schema)) return schema.map((item) => pointed(item, rule));
  if (!isSchemaObject(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      key === '$ref' && typeof value === 'string' ? target(value, rule) : pointed(value, rule),
    ]),
  );
}

function target(reference: string, rule: string): string {
  if (reference.startsWith(SHARED)) return OWN + reference.slice(SHARED.length);
  if (reference.startsWith(OWN)) return OWN + (rule === '' ? '' : `${rule}.`) + reference.slice(OWN.length);
  throw new Error(
    `the schema of the settings of ${rule} refers to ${reference}; it can refer to ${SHARED}<name> and to ${OWN}<name>`,
  );
}

function byName(description: string, schema: SchemaObject): SchemaObject {
  return { type: 'object', description, additionalProperties: schema };
}

function isSchemaObject(value: CanonicalValue): value is SchemaObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objectOf(value: CanonicalValue, what: string): SchemaObject {
  if (!isSchemaObject(value)) throw new Error(`${what} must be a JSON object`);
  return value;
}
