// Owns the explanation of one decision: what each rule said about an input, and what would have passed.
import { z } from 'zod';
import { parseVerdict } from '../../core/decision/parse-verdict.ts';
import { decisionText } from '../fixtures/decision-text.ts';
import type { OpenRepository } from '../repository/open-repository.ts';

const REASON = z.object({ code: z.string(), message: z.string(), remedy: z.string().optional() });
const EXPLANATION = z.object({
  main: z.array(REASON),
  rules: z.array(
    z.object({
      rule: z.string(),
      on: z.enum(['message', 'simulation']),
      decision: z.string(),
      reasons: z.array(REASON),
    }),
  ),
});

type Explanation = z.infer<typeof EXPLANATION>;

/** Throws where the policy fails, or was built without the entrypoint that explains. */
export function explainDecision({ instance, bundle }: OpenRepository, input: Uint8Array): readonly string[] {
  const verdict = parseVerdict(instance().evaluate(input) ?? '');
  const text = instance().explain(input);
  if (text === null) throw new Error(`${bundle.label}: the policy gives no explanation of this input`);
  const explanation = EXPLANATION.parse(JSON.parse(text));
  return [
    `decision: ${verdict.kind.replace('_', ' ')} (revision ${bundle.revision})`,
    ...section(
      'whatever the rules say',
      verdict.reasons.filter(({ rule }) => rule === 'gateway'),
    ),
    ...section('whatever the rules say', explanation.main),
    ...explanation.rules.flatMap(ruleLines),
    ...remedyLines(explanation),
  ];
}

function ruleLines({ rule, on, decision, reasons }: Explanation['rules'][number]): readonly string[] {
  const seen = on === 'simulation' ? ', on what its simulation showed' : '';
  const said = decision === 'none' ? 'gives no verdict, so nothing is allowed' : decision.replace('_', ' ');
  return section(`${rule}${seen}: ${said}`, reasons);
}

function section(title: string, reasons: readonly z.infer<typeof REASON>[]): readonly string[] {
  if (reasons.length === 0 && !title.includes(':')) return [];
  return [title, ...reasons.flatMap(({ code, message }) => decisionText({ code, message })).map((line) => `  ${line}`)];
}

/** Of what does not allow: each remedy once. */
function remedyLines({ main, rules }: Explanation): readonly string[] {
  const against = rules.filter(({ decision }) => decision !== 'allow');
  const remedies = [
    ...main.map(({ remedy }) => ['main', remedy] as const),
    ...against.flatMap(({ rule, reasons }) => reasons.map(({ remedy }) => [rule, remedy] as const)),
  ].flatMap(([rule, remedy]) => (remedy === undefined || remedy === '' ? [] : [`  ${rule}: ${remedy}`]));
  return remedies.length === 0 ? [] : ['what would have passed', ...new Set(remedies)];
}
