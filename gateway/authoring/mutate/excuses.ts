// Owns the comments that excuse a living mutant: `# countersign-mutate: <mistake> lives because …`.
import type { RegoModule } from '../rego/syntax-tree.ts';
import type { Mutant } from './mutant.ts';

const MARK = /^countersign-mutate:/;
const EXCUSE = /^countersign-mutate:\s*([a-z]+)\s+lives\s+because\s+\S/;

export interface Excuse {
  readonly file: string;
  readonly row: number;
  readonly text: string;
  readonly mistake: string;
  /** The comment's own line, or the next that is no comment. */
  readonly speaksOf: readonly number[];
}

/** Throws where a comment to the tool cannot be read. */
export function excusesIn({ file, comments }: RegoModule): readonly Excuse[] {
  const rows = new Set(comments.map(({ row }) => row));
  return comments
    .filter(({ text }) => MARK.test(text))
    .map(({ row, text }) => {
      const mistake = EXCUSE.exec(text)?.[1];
      if (mistake === undefined) {
        throw new Error(`${file}:${row}: write \`# countersign-mutate: <mistake> lives because <reason>\``);
      }
      let next = row + 1;
      while (rows.has(next)) next += 1;
      return { file, row, text, mistake, speaksOf: [row, next] };
    });
}

export function excuses({ file, mistake, speaksOf }: Excuse, mutant: Mutant): boolean {
  return mutant.file === file && mutant.mistake === mistake && speaksOf.includes(mutant.row);
}
