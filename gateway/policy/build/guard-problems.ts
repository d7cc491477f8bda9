// Owns which settings of single rules, and which lists of rules, fit the schema and can never let anything through.
import type { CanonicalValue } from '../../core/canonical-json.ts';
import { memberOf, membersOf, namesIn, type Path } from './data-parts.ts';
import { GUARDS } from './data-schema.ts';
import { instructionProblems } from './instruction-problems.ts';
import type { Sentence } from './schema-sentences.ts';

/** Of the library: what judges effects and instructions has nothing to judge in a message. */
const OF_TRANSACTIONS = [...GUARDS, 'simulation_guard', 'slippage_guard', 'token2022_guard', 'token_allowlist'];
const OF_MESSAGES = 'message_guard';
/** Of message_guard, where the data do not say. */
const USUAL_BYTES = 1024n;

/** `wallet`: its settings. */
export function* guardProblems(wallet: CanonicalValue, path: Path): Generator<Sentence> {
  yield* ruleListProblems(wallet, path);
  const programs = memberOf(memberOf(wallet, 'program_allowlist'), 'programs');
  for (const [program, terms] of membersOf(programs)) {
    yield* instructionProblems(program, terms, [...path, 'program_allowlist', 'programs', program]);
  }
  yield* messageProblems(memberOf(wallet, OF_MESSAGES), [...path, OF_MESSAGES]);
  const dates = membersOf(memberOf(memberOf(wallet, 'time_restriction'), 'blackout_dates'));
  for (const [date] of dates.filter(([text]) => !isDate(text))) {
    const sentence = 'there is no such date, so it blacks nothing out';
    yield { path: [...path, 'time_restriction', 'blackout_dates', date], sentence };
  }
}

function* ruleListProblems(wallet: CanonicalValue, path: Path): Generator<Sentence> {
  const enabled = memberOf(wallet, 'enabled');
  const forMessages = memberOf(wallet, 'enabled_for_messages');
  const passed = [...namesIn(enabled), ...namesIn(memberOf(wallet, 'waived'))];
  const absent = GUARDS.filter((guard) => !passed.includes(guard));
  if (enabled !== undefined && absent.length > 0) {
    const sentence = `without ${absent.join(', ')} no transaction is ever signed; enable them, or name in waived what is left out on purpose`;
    yield { path: [...path, 'enabled'], sentence };
  }
  if (namesIn(enabled).includes(OF_MESSAGES)) {
    const sentence = `${OF_MESSAGES} denies every transaction; its place is enabled_for_messages`;
    yield { path: [...path, 'enabled'], sentence };
  }
  if (forMessages === undefined) return;
  if (!namesIn(forMessages).includes(OF_MESSAGES)) {
    const sentence = `without ${OF_MESSAGES} no message is ever signed; enable it here`;
    yield { path: [...path, 'enabled_for_messages'], sentence };
  }
  for (const rule of namesIn(forMessages).filter((name) => OF_TRANSACTIONS.includes(name))) {
    const sentence = `${rule} denies every message, which has nothing that it judges; its place is enabled`;
    yield { path: [...path, 'enabled_for_messages'], sentence };
  }
}

function* messageProblems(settings: CanonicalValue | undefined, path: Path): Generator<Sentence> {
  const most = memberOf(settings, 'max_bytes') ?? USUAL_BYTES;
  for (const kind of ['texts', 'prefixes']) {
    for (const [index, text] of namesIn(memberOf(settings, kind)).entries()) {
      const bytes = Buffer.byteLength(text);
      if (typeof most !== 'bigint' || BigInt(bytes) <= most) continue;
      const sentence = `it has ${bytes} bytes, and ${most} may be signed at most; raise max_bytes`;
      yield { path: [...path, kind, index], sentence };
    }
  }
}

function isDate(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
