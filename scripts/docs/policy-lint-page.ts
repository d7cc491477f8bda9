// Owns docs/policy-lint.md: every code of the policy linter, written from its table of checks.
import { CHECK_GROUPS } from '../../gateway/authoring/lint/all-checks.ts';
import type { Check } from '../../gateway/authoring/lint/finding.ts';

const INTRODUCTION = `# The policy linter

Written from the linter's own table by \`make generate\`; do not edit it.

\`countersign policy lint [dir]\` reads all Rego of a directory as \`opa parse\` understands it, with its tests and the policy data
beside it (\`data/**\`, JSON or YAML), and finds what \`opa check\` does not see. It needs no gateway. An **error** makes it exit 1; a
**warning** asks to be read. \`--format json\` prints one document with \`findings\`: \`code\`, \`level\`, \`file\`, \`row\`, \`col\`, \`what\`,
\`why\`, \`fix\`.

A finding that is as it should be is let stand by a comment on its line or on the line before it, with a reason. In Rego and in YAML:

\`\`\`rego
# countersign-lint: allow first-match because the first signer is the fee payer by the format of a message
\`\`\`

A comment that allows nothing that is found, names no code or gives no reason is an error itself.

"Rests on" below means: a condition of an allow, or of a rule that such a condition uses. What only words a denial is not judged.
`;

export function policyLintPage(): string {
  return `${INTRODUCTION}\n${contents()}\n${CHECK_GROUPS.map(({ title, checks }) => `## ${title}\n\n${checks.map(section).join('\n')}`).join('\n')}`;
}

function contents(): string {
  const rows = CHECK_GROUPS.flatMap(({ checks }) => checks).map(
    ({ code, level, title }) => `| [\`${code}\`](#${code}) | ${level} | ${title} |`,
  );
  return ['| Code | Level | Finds |', '|---|---|---|', ...rows, ''].join('\n');
}

function section({ code, level, title, why, fix, example }: Check): string {
  return `### ${code}

${title}. **${level}**

*Costs:* ${why}.

*Fix:* ${fix}.

Found in:

${files(example.bad)}
Not in:

${files(example.good)}`;
}

function files(example: Readonly<Record<string, string>>): string {
  return Object.entries(example)
    .map(([file, text]) => `\`\`\`${file.endsWith('.rego') ? 'rego' : 'yaml'}\n# ${file}\n${text.trimEnd()}\n\`\`\`\n`)
    .join('\n');
}
