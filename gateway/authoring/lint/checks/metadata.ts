// Owns the checks of METADATA: what a rule says of itself must be what it does, because documents and dashboards are written from it.
import { rawList, rawObject, rawText } from '../../rego/raw-json.ts';
import type { Term } from '../../rego/syntax-tree.ts';
import { termsIn } from '../../rego/walk.ts';
import type { Check } from '../finding.ts';
import { decisionOf, namesIn } from '../flow.ts';
import { placeOf, rulePackages, rulesNamed, scopedTerms, shownPath } from '../over-packages.ts';
import type { RegoPackage } from '../subject.ts';

const FILE = 'rules/example/example.rego';
const COMPLETE = `# METADATA
# title: Example
# description: Lets the wallet pay its own fee.
# custom:
#   facts: [transaction.fee_payer, wallet.address]
#   reasons:
#     EXAMPLE_UNDECIDED: A fact is missing.
#     FEE_OF_ITS_OWN: The wallet pays.
`;
const BODY = `package countersign.rules.example

default verdict := {
	"decision": "deny",
	"reasons": [{"code": "EXAMPLE_UNDECIDED", "message": "cannot tell who pays", "remedy": "allowed: the wallet pays", "facts": {}}],
}

verdict := {"decision": "allow", "reasons": [own]} if input.transaction.fee_payer == input.wallet.address

own := {"code": "FEE_OF_ITS_OWN", "message": "the wallet pays", "facts": {}}
`;
const GOOD = { [FILE]: `${COMPLETE}${BODY}` };

export interface Declared {
  readonly facts: readonly string[];
  readonly reasons: readonly string[];
}

/** What the METADATA of the package says; null where there is none. */
export function declaredBy({ modules }: RegoPackage): Declared | null {
  const annotations = modules.flatMap((module) => module.annotations).filter(({ scope }) => scope === 'package');
  const [first] = annotations;
  if (first === undefined || first.title === '' || first.description === '') return null;
  return {
    facts: rawList(first.custom.facts).map(rawText),
    reasons: Object.keys(rawObject(first.custom.reasons)),
  };
}

export const metadataMissing: Check = {
  code: 'metadata-missing',
  level: 'error',
  title: 'A package without METADATA',
  why: 'whoever enables the rule or reads a denial cannot learn what it judges, which facts it reads and which reasons it gives',
  fix: 'write `# METADATA` with title and description above the package; a rule says under custom its facts and its reasons too',
  example: { bad: { [FILE]: BODY }, good: GOOD },
  *find({ packages }) {
    for (const one of packages) {
      const at = placeOf(one);
      if (at === null) continue;
      const declared = declaredBy(one);
      if (declared === null) yield { at, what: `package ${one.name} has no METADATA with title and description` };
      else if (one.rule !== null && declared.facts.length === 0)
        yield { at, what: `rule ${one.rule} does not say its facts` };
      else if (one.rule !== null && declared.reasons.length === 0)
        yield { at, what: `rule ${one.rule} does not say its reasons` };
    }
  },
};

export const reasonUndeclared: Check = {
  code: 'reason-undeclared',
  level: 'error',
  title: 'A reason code that the METADATA does not name',
  why: 'operators filter and alert by codes: one that no document names is overlooked',
  fix: 'name it under custom.reasons with one line on when it is given',
  example: {
    bad: { [FILE]: `${COMPLETE.replace('#     FEE_OF_ITS_OWN: The wallet pays.\n', '')}${BODY}` },
    good: GOOD,
  },
  *find(subject) {
    for (const one of rulePackages(subject)) {
      const declared = declaredBy(one);
      if (declared === null || declared.reasons.length === 0) continue;
      for (const { it } of scopedTerms([one])) {
        const code = memberOf(it, 'code');
        if (code?.kind !== 'string' || declared.reasons.includes(code.value)) continue;
        yield { at: code.at, what: `reason ${code.value} is not in the METADATA of rule ${one.rule}` };
      }
    }
  },
};

export const reasonNeverGiven: Check = {
  code: 'reason-never-given',
  level: 'warning',
  title: 'A reason in the METADATA that the rule never gives',
  why: 'an alert on it never fires, and people believe that something is watched',
  fix: 'take it out of custom.reasons, or give it',
  example: {
    bad: { [FILE]: `${COMPLETE.replace('#     FEE', '#     FEE_TOO_HIGH: The fee is too high.\n#     FEE')}${BODY}` },
    good: GOOD,
  },
  *find(subject) {
    // Packages that rules share may give reasons for them.
    const texts = new Set<string>();
    for (const { it } of scopedTerms(subject.packages)) if (it.kind === 'string') texts.add(it.value);
    for (const one of rulePackages(subject)) {
      const at = placeOf(one);
      const declared = declaredBy(one);
      if (at === null || declared === null) continue;
      for (const code of declared.reasons) {
        if (!texts.has(code)) yield { at, what: `rule ${one.rule} never gives the reason ${code}` };
      }
    }
  },
};

export const reasonWithoutRemedy: Check = {
  code: 'reason-without-remedy',
  level: 'error',
  title: 'A reason of a denial that does not say what would be allowed',
  why: 'whoever is denied tries again in the dark, or has the limit raised further than was needed',
  fix: 'add `remedy`: "allowed: …" or "at most … is allowed"',
  example: {
    bad: { [FILE]: `${COMPLETE}${BODY.replace(' "remedy": "allowed: the wallet pays",', '')}` },
    good: GOOD,
  },
  *find(subject) {
    for (const one of rulePackages(subject)) {
      const ofAllow = allowReasons(one);
      for (const { it } of scopedTerms([one])) {
        const code = memberOf(it, 'code');
        if (code === null || memberOf(it, 'message') === null || memberOf(it, 'remedy') !== null) continue;
        if (!ofAllow.has(it))
          yield { at: it.at, what: `reason ${code.kind === 'string' ? code.value : ''} has no remedy` };
      }
    }
  },
};

/** Objects that stand in an allow, or in a rule that an allow names and no other verdict does. */
function allowReasons(one: RegoPackage): ReadonlySet<Term> {
  const allows = one.flow.permitting.filter(({ value }) => decisionOf(value) === 'allow');
  const found = new Set<Term>();
  const names = new Set<string>();
  const waiting = allows.flatMap(({ value }) => (value === null ? [] : [value]));
  for (let term = waiting.pop(); term !== undefined; term = waiting.pop()) {
    for (const inner of termsIn(term)) {
      found.add(inner);
      for (const name of namesIn({ at: inner.at, negated: false, form: { kind: 'term', term: inner }, with: [] })) {
        if (names.has(name)) continue;
        names.add(name);
        for (const { value } of rulesNamed(one, name)) if (value !== null) waiting.push(value);
        for (const { otherwise } of rulesNamed(one, name)) if (otherwise?.value) waiting.push(otherwise.value);
      }
    }
  }
  return found;
}

function memberOf(term: Term, name: string): Term | null {
  if (term.kind !== 'object') return null;
  return term.entries.find(([key]) => key.kind === 'string' && key.value === name)?.[1] ?? null;
}

export const factUndeclared: Check = {
  code: 'fact-undeclared',
  level: 'error',
  title: 'A fact that is read and that the METADATA does not name',
  why: 'facts are removed one by one in tests and in `policy mutate`; one that is not named is not tried',
  fix: 'name its path under custom.facts, such as effects.outflows',
  example: { bad: { [FILE]: `${COMPLETE.replace('transaction.fee_payer, ', '')}${BODY}` }, good: GOOD },
  *find(subject) {
    for (const one of rulePackages(subject)) {
      const declared = declaredBy(one);
      if (declared === null || declared.facts.length === 0) continue;
      const told = new Set<string>();
      for (const { it, scope } of scopedTerms([one])) {
        if (it.kind !== 'ref') continue;
        for (const path of scope.pathsOf(it)) {
          if (path[0] !== 'input' || path.length < 3 || declared.facts.some((fact) => overlap(fact, path))) continue;
          if (told.has(path.join('.'))) continue;
          told.add(path.join('.'));
          yield { at: it.at, what: `rule ${one.rule} reads ${shownPath(path)}, which its METADATA does not name` };
        }
      }
    }
  },
};

export const factNeverRead: Check = {
  code: 'fact-never-read',
  level: 'warning',
  title: 'A fact in the METADATA that the rule never reads',
  why: 'people believe that it is judged',
  fix: 'take it out of custom.facts, or read it',
  example: { bad: { [FILE]: `${COMPLETE.replace('facts: [', 'facts: [effects.fee, ')}${BODY}` }, good: GOOD },
  *find(subject) {
    for (const one of rulePackages(subject)) {
      const at = placeOf(one);
      const declared = declaredBy(one);
      if (at === null || declared === null) continue;
      const read = [...scopedTerms([one])].flatMap(({ it, scope }) =>
        it.kind === 'ref' || it.kind === 'call' ? scope.pathsOf(it) : [],
      );
      for (const fact of declared.facts) {
        if (!read.some((path) => overlap(fact, path))) yield { at, what: `rule ${one.rule} never reads ${fact}` };
      }
    }
  },
};

/** `effects.outflows` and the path to the amount of each of them speak of one fact. */
function overlap(fact: string, path: readonly string[]): boolean {
  const declared = fact
    .replaceAll('[]', '')
    .split('.')
    .filter((step) => step !== '*' && step !== 'input');
  const dynamic = path.indexOf('*');
  const read = path.slice(1, dynamic < 0 ? undefined : dynamic);
  const shorter = Math.min(declared.length, read.length);
  return shorter > 0 && declared.slice(0, shorter).every((step, index) => step === read[index]);
}

export const METADATA_CHECKS: readonly Check[] = [
  metadataMissing,
  reasonUndeclared,
  reasonNeverGiven,
  reasonWithoutRemedy,
  factUndeclared,
  factNeverRead,
];
