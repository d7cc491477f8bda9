// Owns the reading of one parsed Rego module: package, imports, annotations, rules and comments.
import { bodyOf, placeOf, termOf } from './parse-term.ts';
import { isRaw, type Raw, rawList, rawObject, rawText } from './raw-json.ts';
import type { Annotation, Import, Place, RegoModule, Rule, Term } from './syntax-tree.ts';

/** `parsed` is what `opa parse --format json --json-include locations,comments` printed. */
export function moduleOf(file: string, source: string, parsed: unknown): RegoModule {
  const raw = rawObject(parsed);
  const top: Place = { file, row: 1, col: 1, text: '' };
  const declared = rawObject(raw.package);
  return {
    file,
    source,
    packageAt: placeOf(declared, top),
    packagePath: rawList(declared.path).slice(1).map(textIn),
    imports: rawList(raw.imports).map((item) => importOf(rawObject(item), top)),
    annotations: rawList(raw.annotations).map((item) => annotationOf(rawObject(item), top)),
    rules: rawList(raw.rules).map((item) => ruleOf(rawObject(item), top)),
    comments: rawList(raw.comments).map((item) => commentOf(rawObject(item), top)),
  };
}

function textIn(part: unknown): string {
  return rawText(rawObject(part).value);
}

function importOf(raw: Raw, top: Place): Import {
  const path = rawList(rawObject(raw.path).value).map(textIn);
  return { at: placeOf(raw, top), path, alias: rawText(raw.alias) || (path.at(-1) ?? '') };
}

function annotationOf(raw: Raw, top: Place): Annotation {
  return {
    at: placeOf(raw, top),
    scope: rawText(raw.scope),
    title: rawText(raw.title),
    description: rawText(raw.description),
    custom: rawObject(raw.custom),
  };
}

function commentOf(raw: Raw, top: Place): { readonly row: number; readonly text: string } {
  const text = Buffer.from(rawText(raw.Text ?? raw.text), 'base64').toString('utf8');
  return { row: placeOf(raw, top).row, text: text.trim() };
}

function ruleOf(raw: Raw, top: Place): Rule {
  const at = placeOf(raw, top);
  const head = rawObject(raw.head);
  const headAt = placeOf(head, at);
  const [name, ...path] = rawList(head.ref).map((part) => termOf(part, headAt));
  const body = bodyOf(raw.body, at);
  const isSet = isRaw(head.key) && !isRaw(head.value);
  return {
    at,
    headAt,
    name: nameIn(name) || rawText(head.name),
    path,
    isDefault: raw.default === true,
    parameters: head.args === undefined ? null : rawList(head.args).map((arg) => termOf(arg, headAt)),
    element: isSet ? termOf(head.key, headAt) : null,
    value: isRaw(head.value) ? termOf(head.value, headAt) : null,
    body,
    hasBody: body.some((expression) => isInside(expression.at, headAt) === false),
    otherwise: isRaw(raw.else) ? ruleOf(raw.else, at) : null,
  };
}

function nameIn(term: Term | undefined): string {
  return term?.kind === 'var' ? term.name : '';
}

/** The body that opa gives to a rule without one stands where its value does. */
function isInside(at: Place, head: Place): boolean {
  const rows = head.text.split('\n').length - 1;
  if (at.row !== head.row + rows) return at.row >= head.row && at.row < head.row + rows;
  const end = rows === 0 ? head.col + head.text.length : (head.text.split('\n').at(-1)?.length ?? 0) + 1;
  return at.col < end;
}
