// Owns the verdicts of texts that were read before: a policy says the same, word for word, of most requests that it lets pass.
import type { Verdict } from '../../core/decision/decision.ts';
import { parseVerdict } from '../../core/decision/parse-verdict.ts';

const MOST_TEXTS = 512;
const LONGEST_TEXT = 8_192;

/**
 * Reads as {@link parseVerdict} does, and remembers what allows: reasons of denials name amounts. The same verdict may be given many times,
 * so nothing in it can be changed.
 */
export function verdictReader(): (text: string) => Verdict {
  const known = new Map<string, Verdict>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const verdict = parseVerdict(text);
    if (verdict.kind !== 'allow' || text.length > LONGEST_TEXT) return verdict;
    // To read one again is no harm.
    if (known.size >= MOST_TEXTS) known.clear();
    known.set(text, frozen(verdict));
    return verdict;
  };
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}
