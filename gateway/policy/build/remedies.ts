// Owns what to do about a function that opa knows and policies may not use, in the words that follow its own.

const CLOCK = 'a policy has no clock: take times from input.request.time and input.request.local_times';
const EXACT = 'it rounds: write numbers into texts with template strings, $"{amount}"';

const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/undefined function time\./, CLOCK],
  [/undefined function div\b/, 'amounts are not divided: multiply across, as in `amount * 100 <= balance * percent`'],
  [/undefined function (sprintf|format_int)\b/, EXACT],
  [/undefined function (http|net|opa|rego|providers)\./, 'a policy judges its input and its data alone'],
  [/undefined function rand\./, 'the same input must give the same decision, today and in a replay'],
  [/undefined function [a-z0-9_]+\./, 'WebAssembly has only the functions of policies/capabilities.json'],
  [/undefined function /, 'it is neither a rule of this package nor a function of policies/capabilities.json'],
];

/** Each line that has one, with its remedy. */
export function withRemedies(text: string): string {
  return text
    .split('\n')
    .map((line) => {
      const remedy = REMEDIES.find(([problem]) => problem.test(line))?.[1];
      return remedy === undefined ? line : `${line}; ${remedy}`;
    })
    .join('\n');
}
