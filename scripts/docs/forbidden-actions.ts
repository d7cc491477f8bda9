// Owns the two tables of docs/security.md that name what no policy can allow, between marks that the text around them has.
import {
  ALWAYS_FORBIDDEN,
  type ForbiddenName,
  forbiddenReason,
  OPTIONAL_FORBIDDEN,
} from '../../gateway/core/controls/forbidden.ts';

const TABLES: Readonly<Record<string, readonly ForbiddenName[]>> = {
  'always forbidden': ALWAYS_FORBIDDEN,
  'forbidden where configured': OPTIONAL_FORBIDDEN,
};

/** The page with its tables as the gateway has them; throws where a mark is missing. */
export function withForbiddenActions(page: string): string {
  return Object.entries(TABLES).reduce((text, [mark, names]) => withTable(text, mark, names), page);
}

function withTable(page: string, mark: string, names: readonly ForbiddenName[]): string {
  const [begin, end] = [`<!-- generated: ${mark} -->\n`, '<!-- end -->\n'];
  const [before, rest] = cut(page, begin);
  const [, after] = cut(rest, end);
  const rows = names.map((name) => `| \`${name}\` | ${forbiddenReason(name)} |`);
  return `${before}${begin}\n${['| Action | Why |', '|---|---|', ...rows].join('\n')}\n\n${end}${after}`;
}

function cut(text: string, at: string): readonly [string, string] {
  const index = text.indexOf(at);
  if (index < 0) throw new Error(`docs/security.md does not have the line ${at.trim()}`);
  return [text.slice(0, index), text.slice(index + at.length)];
}
