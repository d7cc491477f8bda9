// Owns what a schema cannot see in policy data: parts that contradict each other, and lists that are empty by mistake.
import type { CanonicalValue } from '../../core/canonical-json.ts';
import { memberOf, membersOf, namesIn, walletsIn } from './data-parts.ts';
import type { SchemaObject } from './data-schema.ts';
import type { Sentence } from './schema-sentences.ts';

const ABOUT_RULES = ['enabled', 'enabled_for_messages', 'waived'];

const NOBODY = 'nothing may be sent to anybody; to say so on purpose write {"none": "nobody"}';

/** Lists that permit nothing when they are empty, with what to write where that is meant. `*` is any name. */
const EMPTY_BY_MISTAKE: Readonly<Record<string, string>> = {
  'address_allowlist.recipients': NOBODY,
  'address_allowlist.recipients_by_asset.*': NOBODY,
  'program_allowlist.programs':
    'no program may be called, so nothing can be signed; to say so on purpose leave the wallet out',
  'program_allowlist.programs.*.instructions':
    'none of its instructions may be called; to say so on purpose leave the program out',
  'spending_limit.per_transaction': 'no asset has a limit, so nothing may leave; to say so on purpose write {"SOL": 0}',
  'token_allowlist.mints': 'nothing may be moved; to say so on purpose, that only SOL may, write {"SOL": "SOL"}',
};

/** Parts of another form than the schema says are not looked at: it tells of them. */
export function walletProblems(
  data: CanonicalValue,
  schema: SchemaObject,
  root: readonly string[],
): readonly Sentence[] {
  const { properties } = Object(Object(schema.definitions).wallet);
  const known = namesIn(memberOf(memberOf(memberOf(properties, 'enabled'), 'items'), 'enum'));
  const rules = new Map(
    Object.entries<CanonicalValue>(Object(properties)).filter(([name]) => !ABOUT_RULES.includes(name)),
  );
  return walletsIn(data, root).flatMap(({ wallet, path }) => problemsOf(wallet, { rules, known }, path));
}

interface Rules {
  /** Those that have settings, with the schema of them. */
  readonly rules: ReadonlyMap<string, CanonicalValue>;
  /** All that are there. */
  readonly known: readonly string[];
}

function problemsOf(wallet: CanonicalValue, { rules, known }: Rules, path: readonly string[]): readonly Sentence[] {
  const enabled = [...namesIn(memberOf(wallet, 'enabled')), ...namesIn(memberOf(wallet, 'enabled_for_messages'))];
  const said = (sentence: string, ...more: readonly string[]) => ({ path: [...path, ...more], sentence });
  const settings = membersOf(wallet).filter(([rule]) => rules.has(rule));
  return [
    ...settings
      .filter(([rule]) => enabled.length > 0 && !enabled.includes(rule))
      .map(([rule]) =>
        said(
          `these are settings of a rule that is not enabled, so they do nothing; enable ${rule} or take them out`,
          rule,
        ),
      ),
    ...[...new Set(enabled)]
      .filter((rule) => rules.has(rule) && memberOf(wallet, rule) === undefined)
      .map((rule) => said(`${rule} is enabled and has no settings, so it denies everything; ${toWrite(rule, rules)}`)),
    ...membersOf(wallet)
      .filter(([rule]) => known.includes(rule) && !rules.has(rule))
      .map(([rule]) => ({
        ...said(`no schema says which settings ${rule} has; write schema/rules/${rule}.json, or take them out`, rule),
        ofTheWhole: true as const,
      })),
    ...namesIn(memberOf(wallet, 'waived'))
      .filter((rule) => namesIn(memberOf(wallet, 'enabled')).includes(rule))
      .map((rule) => said(`${rule} is enabled as well; a rule is one or the other`, 'waived')),
    ...Object.entries(EMPTY_BY_MISTAKE).flatMap(([place, hint]) =>
      emptyAt(wallet, place.split('.')).map((steps) => ({
        ...said(`it is empty: ${hint}`, ...steps),
        ofTheWhole: true as const,
      })),
    ),
  ];
}

function toWrite(rule: string, rules: Rules['rules']): string {
  const required = namesIn(memberOf(rules.get(rule), 'required'));
  return required.length === 0 ? `write ${rule}: {}, or what it has` : `write ${rule} with ${required.join(', ')}`;
}

/** Paths of what is empty among the places that fit. */
function emptyAt(value: CanonicalValue, [step, ...deeper]: readonly string[]): readonly (readonly string[])[] {
  if (step === undefined) return isEmpty(value) ? [[]] : [];
  return membersOf(value)
    .filter(([name]) => step === '*' || name === step)
    .flatMap(([name, member]) => emptyAt(member, deeper).map((steps) => [name, ...steps]));
}

function isEmpty(value: CanonicalValue): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
