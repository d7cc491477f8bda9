// Owns the fixtures of a bundle, `fixtures/<name>.json`: policy inputs with what their author expects of them.

export const FIXTURE_DIRECTORY = 'fixtures';

export interface FixtureFile {
  /** File name without `.json`. */
  readonly name: string;
  /** UTF-8: `{description, input, expect: {decision, reasons?: [codes]}}`. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}
