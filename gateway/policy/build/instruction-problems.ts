// Owns which instructions and arguments a wallet's allowlist names that no program has, or that nothing fits.
import type { CanonicalValue } from '../../core/canonical-json.ts';
import { nearestName } from '../../core/nearest-name.ts';
import { NATIVE_PROGRAMS } from '../../core/transaction/programs/decode-instruction.ts';
import { itemsOf, memberOf, membersOf, namesIn, type Path } from './data-parts.ts';
import type { Sentence } from './schema-sentences.ts';

/** What stands for more than one instruction. */
const COLLECTIVE = ['*', 'unknown'];

/** `terms`: of one program of program_allowlist. Programs that an IDL describes are not looked at. */
export function* instructionProblems(program: string, terms: CanonicalValue, path: Path): Generator<Sentence> {
  const native = NATIVE_PROGRAMS.find(({ addresses }) => addresses.some((address) => address === program));
  const known = Object.keys(native?.instructions ?? {});
  for (const [index, name] of namesIn(memberOf(terms, 'instructions')).entries()) {
    if (native === undefined || COLLECTIVE.includes(name) || known.includes(name)) continue;
    const meant = nearestName(name, known);
    const hint = meant === null ? `there are ${known.join(', ')}` : `is it ${meant}?`;
    const sentence = `the program ${native.name} has no instruction ${name}, so this permits nothing; ${hint}`;
    yield { path: [...path, 'instructions', index], sentence };
  }
  yield* argumentProblems(terms, path);
}

function* argumentProblems(terms: CanonicalValue, path: Path): Generator<Sentence> {
  const named = namesIn(memberOf(terms, 'instructions'));
  for (const [instruction, bounds] of membersOf(memberOf(terms, 'arguments'))) {
    const place = [...path, 'arguments', instruction];
    if (!named.includes(instruction)) {
      const sentence = `instructions does not name ${instruction}, so nothing of the program could be called; name it there too, also beside *`;
      yield { path: place, sentence };
    }
    for (const [argument, bound] of membersOf(bounds)) {
      const why = contradiction(bound);
      if (why !== null) yield { path: [...place, argument], sentence: `nothing fits it: ${why}` };
    }
  }
}

function contradiction(bound: CanonicalValue): string | null {
  const least = memberOf(bound, 'at_least');
  const most = memberOf(bound, 'at_most');
  const given = (key: string) => memberOf(bound, key) !== undefined;
  if (memberOf(bound, 'present') === false && ['equals', 'one_of', 'at_least', 'at_most'].some(given)) {
    return 'what is not present is no value; take out present, or the rest';
  }
  if (typeof least === 'bigint' && typeof most === 'bigint' && least > most) {
    return `at_least ${least} is more than at_most ${most}`;
  }
  const values = [...(given('equals') ? [memberOf(bound, 'equals')] : []), ...itemsOf(memberOf(bound, 'one_of'))];
  const fits = (value: CanonicalValue | undefined) =>
    (typeof least !== 'bigint' || (typeof value === 'bigint' && value >= least)) &&
    (typeof most !== 'bigint' || (typeof value === 'bigint' && value <= most)) &&
    (!given('equals') || value === memberOf(bound, 'equals')) &&
    (!given('one_of') || itemsOf(memberOf(bound, 'one_of')).some((one) => one === value));
  return values.length > 0 && !values.some(fits) ? 'no value is all that it asks for' : null;
}
