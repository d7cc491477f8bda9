// Owns what is said of a configuration that cannot be used.

export interface Problem {
  /** `signers[0].keystore_file`, or the name of an environment variable. Empty: the file as a whole. */
  readonly path: string;
  /** Line of the file, from 1. Absent where the problem stands in no line of it. */
  readonly line?: number;
  /** What is wrong and what would be right; never a value that may be secret. */
  readonly message: string;
}

/** Where in the file: keys and indices from the top. */
export type KeyPath = readonly (string | number)[];

/** `['signers', 0, 'name']` as `signers[0].name`. */
export function printPath(path: KeyPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

/** One line for a terminal: `countersign.yaml:12: chain.timeout_ms: must be at least 100`. */
export function printProblem(file: string, { path, line, message }: Problem): string {
  const where = line === undefined ? file : `${file}:${line}`;
  return path === '' ? `${where}: ${message}` : `${where}: ${path}: ${message}`;
}
