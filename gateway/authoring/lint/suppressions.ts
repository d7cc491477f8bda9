// Owns the comments by which an author lets one finding stand: `# countersign-lint: allow <code> because …`.
import type { Finding } from './finding.ts';

/** A comment counts for its own line and for the next that is no comment. */
export interface Comment {
  readonly file: string;
  readonly row: number;
  readonly text: string;
  /** The row that it speaks of, beside its own. */
  readonly speaksOf: number;
}

const MARK = /^countersign-lint:/;
const SUPPRESSION = /^countersign-lint:\s*allow\s+([a-z0-9-]+)\s+because\s+(\S.*)$/;

export interface Sifted {
  readonly standing: readonly Finding[];
  readonly suppressed: readonly Finding[];
}

/** Takes out what comments allow; a comment that is wrong, or allows what is not found, is a finding itself. */
export function sift(findings: readonly Finding[], comments: readonly Comment[], codes: ReadonlySet<string>): Sifted {
  const used = new Set<Comment>();
  const suppressed = findings.filter((finding) => {
    const by = comments.filter((comment) => allows(comment, finding));
    for (const comment of by) used.add(comment);
    return by.length > 0;
  });
  const standing = findings.filter((finding) => !suppressed.includes(finding));
  const wrong = comments
    .filter(({ text }) => MARK.test(text))
    .flatMap((comment) => complaint(comment, used.has(comment), codes));
  return { standing: [...standing, ...wrong], suppressed };
}

function allows({ file, row, text, speaksOf }: Comment, { at, code }: Finding): boolean {
  return at.file === file && (at.row === row || at.row === speaksOf) && SUPPRESSION.exec(text)?.[1] === code;
}

function complaint({ file, row, text }: Comment, used: boolean, codes: ReadonlySet<string>): readonly Finding[] {
  const code = SUPPRESSION.exec(text)?.[1];
  const what =
    code === undefined
      ? 'a comment to the linter that it cannot read'
      : !codes.has(code)
        ? `there is no code ${code}`
        : used
          ? null
          : `nothing here is found as ${code}`;
  if (what === null) return [];
  return [
    {
      at: { file, row, col: 1, text },
      what,
      code: 'suppression',
      level: 'error',
      why: 'whoever reads the comment believes that something was weighed here',
      fix: 'write `# countersign-lint: allow <code> because <reason>` on the line of the finding or the line before it, or take it away',
    },
  ];
}
