// Owns reading the titles of test cases from a test file, without running it.
import { type CallExpression, type Expression, parseSync, Visitor } from 'oxc-parser';

export interface TestCase {
  /** Titles of the describes around it and its own, joined. For a row of `it.each`, with the text that the row begins with. */
  readonly title: string;
}

const SUITES = new Set(['describe', 'describe.each']);
const CASES = new Set(['it', 'it.each', 'test', 'test.each']);

/** Throws where the text is not TypeScript. */
export function testCasesOf(path: string, text: string): readonly TestCase[] {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const suites: string[] = [];
  const cases: TestCase[] = [];
  new Visitor({
    CallExpression(call) {
      const called = calledBy(call);
      if (SUITES.has(called)) suites.push(titleOf(call));
      if (!CASES.has(called)) return;
      for (const row of rowsOf(call)) cases.push({ title: [...suites, titleOf(call), row].join(' ') });
    },
    'CallExpression:exit'(call) {
      if (SUITES.has(calledBy(call))) suites.pop();
    },
  }).visit(program);
  return cases;
}

/** `it` for it(…), `it.each` for it.each(…)(…); nothing for it.each(…) alone. */
function calledBy({ callee }: CallExpression): string {
  if (callee.type === 'Identifier') return callee.name;
  if (callee.type !== 'CallExpression' || callee.callee.type !== 'MemberExpression') return '';
  const { object, property } = callee.callee;
  return object.type === 'Identifier' && property.type === 'Identifier' ? `${object.name}.${property.name}` : '';
}

function titleOf({ arguments: [title] }: CallExpression): string {
  return title === undefined || title.type === 'SpreadElement' ? '' : textOf(title);
}

/** One for a plain case, and for rows that are not written out. */
function rowsOf({ callee }: CallExpression): readonly string[] {
  const rows = callee.type === 'CallExpression' ? callee.arguments[0] : undefined;
  if (rows?.type !== 'ArrayExpression') return [''];
  return rows.elements.map((row) => {
    if (row === null || row.type === 'SpreadElement') return '';
    if (row.type !== 'ArrayExpression') return textOf(row);
    const first = row.elements[0] ?? null;
    return first === null || first.type === 'SpreadElement' ? '' : textOf(first);
  });
}

function textOf(expression: Expression): string {
  return expression.type === 'Literal' && typeof expression.value === 'string' ? expression.value : '';
}
