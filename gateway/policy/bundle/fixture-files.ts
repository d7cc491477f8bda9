// Owns the fixtures of a bundle, `fixtures/<name>.json`: policy inputs with what their author expects of them.
import type { BundleFiles } from './bundle.ts';
import { malformed } from './malformed.ts';

export const FIXTURE_DIRECTORY = 'fixtures';
const MOST_FIXTURES = 1_000;
const NAME = /^fixtures\/([A-Za-z0-9][A-Za-z0-9._-]{0,127})\.json$/;

export interface FixtureFile {
  /** File name without `.json`. */
  readonly name: string;
  /** UTF-8: `{description, input, expect: {decision, reasons?: [codes]}}`. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Sorted by name. Throws an Error that names the file and what is wrong with it; nobody has read what is in them yet. */
export function fixtureFilesIn(files: BundleFiles, label: string): readonly FixtureFile[] {
  const paths = [...files.keys()].filter((path) => path.startsWith(`${FIXTURE_DIRECTORY}/`)).sort();
  if (paths.length > MOST_FIXTURES) {
    throw malformed(label, FIXTURE_DIRECTORY, `it holds ${paths.length} files; at most ${MOST_FIXTURES} are read`);
  }
  return paths.map((path) => {
    const name = NAME.exec(path)?.[1];
    const bytes = files.get(path);
    if (name === undefined || bytes === undefined) {
      throw malformed(label, path, 'a file here must be called <name>.json, of letters, digits, dots, _ and -');
    }
    if (bytes.length === 0) throw malformed(label, path, 'it is empty');
    return { name, bytes };
  });
}
