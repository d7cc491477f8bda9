// Owns which limits over time fit the schema and deny everything: the rules cannot read them, or nothing fits within.
import type { CanonicalValue } from '../../core/canonical-json.ts';
import { itemsOf, memberOf, membersOf, objectsIn, type Path } from './data-parts.ts';
import type { SchemaObject } from './data-schema.ts';
import type { Sentence } from './schema-sentences.ts';

const WINDOWS = ['rolling_seconds', 'calendar', 'lifetime'];
/** What tells two limits of a list apart, as `terms.rego` names them. */
const TOLD_APART_BY = [...WINDOWS, 'time_zone', 'scope', 'group', 'net', 'program'];
const DEFAULT_SCOPE = 'agent_wallet';

/** `wallet`: its settings. */
export function* limitProblems(wallet: CanonicalValue, path: Path): Generator<Sentence> {
  for (const { path: place, object } of objectsIn(wallet, path)) {
    for (const [key, member] of Object.entries(object)) yield* twinsIn(itemsOf(member), [...place, key]);
  }
  yield* misplacedNet(wallet, path);
  yield* neverSigning(itemsOf(at(wallet, 'rate_limit', 'per_window')), [...path, 'rate_limit', 'per_window']);
}

/** Two that agree in all but the maximum have one name, and a rule takes no two of a name. */
function* twinsIn(entries: readonly CanonicalValue[], path: Path): Generator<Sentence> {
  const seen = new Map<string, number>();
  for (const [index, entry] of entries.entries()) {
    if (!isLimit(entry)) continue;
    const name = TOLD_APART_BY.map((key) => String(entry[key] ?? (key === 'scope' ? DEFAULT_SCOPE : ''))).join('|');
    const twin = seen.get(name);
    if (twin !== undefined) {
      const sentence = `it has the window and the scope of entry ${twin + 1} of this list, and two of a kind deny everything; keep one of them, or give one another window, scope or program`;
      yield { path: [...path, index], sentence };
    } else seen.set(name, index);
  }
}

function isLimit(entry: CanonicalValue): entry is SchemaObject {
  return memberOf(entry, 'max') !== undefined && WINDOWS.some((window) => memberOf(entry, window) !== undefined);
}

/** The library's other limits have no net: those of a rule of one's own may. */
function* misplacedNet(wallet: CanonicalValue, path: Path): Generator<Sentence> {
  const fees = membersOf(at(wallet, 'fee_limit', 'per_window'));
  const recipients = membersOf(at(wallet, 'spending_limit', 'per_recipient', 'per_window'));
  const lists: readonly (readonly [Path, CanonicalValue | undefined])[] = [
    [['rate_limit', 'per_window'], at(wallet, 'rate_limit', 'per_window')],
    ...fees.map(([kind, list]) => [['fee_limit', 'per_window', kind], list] as const),
    ...recipients.map(([asset, list]) => [['spending_limit', 'per_recipient', 'per_window', asset], list] as const),
  ];
  for (const [steps, list] of lists) {
    for (const [index, entry] of itemsOf(list).entries()) {
      if (memberOf(entry, 'net') === undefined) continue;
      const sentence =
        'there is a net only of what leaves in all, under spending_limit.per_window; here it denies everything: take it out';
      yield { path: [...path, ...steps, index, 'net'], sentence };
    }
  }
}

function* neverSigning(entries: readonly CanonicalValue[], path: Path): Generator<Sentence> {
  for (const [index, entry] of entries.entries()) {
    const isFinal = memberOf(entry, 'on_exceed') !== 'require_approval';
    if (memberOf(entry, 'max') !== 0n || !isFinal || memberOf(entry, 'program') !== undefined) continue;
    const sentence = 'with 0 nothing could ever be signed; to say so on purpose leave the wallet out';
    yield { path: [...path, index, 'max'], sentence };
  }
}

function at(value: CanonicalValue | undefined, ...steps: readonly string[]): CanonicalValue | undefined {
  return steps.reduce<CanonicalValue | undefined>((inner, step) => memberOf(inner, step), value);
}
