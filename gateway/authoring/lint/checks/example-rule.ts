// Owns the frame of the examples that stand beside the checks.

/** A rule that allows where these conditions hold, one a line. */
export function rule(conditions: string, before = ''): string {
  const body = conditions
    .split('\n')
    .map((line) => `\t${line}`)
    .join('\n');
  return `package countersign.rules.example
${before === '' ? '' : `\n${before}\n`}
default verdict := {"decision": "deny", "reasons": []}

verdict := {"decision": "allow", "reasons": []} if {
${body}
}
`;
}
