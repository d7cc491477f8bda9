// Owns what is known of an entry that names a secret or key which is not there when the gateway starts, and how it is read again.
import type { KeyPath, Problem } from './problem.ts';
import type { SectionReader } from './section-reader.ts';

export interface Lack {
  /** Key of the entry that is to be looked at, such as `token_file` or `signer.token_file`. */
  readonly field: string;
  readonly reason: string;
}

export interface LackingEntry<C> extends Lack {
  readonly kind: 'lacking';
  /** With the files as they are then, and the environment as it was at the start. */
  readonly again: () => Promise<Reading<C>>;
}

export type Reading<C> =
  | { readonly kind: 'complete'; readonly config: C }
  | { readonly kind: 'lacking'; readonly lack: Lack };

type Resolve<C> = (reader: SectionReader) => Promise<C | undefined>;

/** `undefined`, with a problem, where the entry cannot be used whatever there is. */
export async function resolveOrLack<C>(
  reader: SectionReader,
  at: KeyPath,
  resolve: Resolve<C>,
): Promise<C | LackingEntry<C> | undefined> {
  const { config, lacks } = await attempt(reader, resolve);
  const [first] = lacks;
  if (first === undefined) return config;
  return { kind: 'lacking', ...lackOf(first), again: () => readAgain(reader.apart(), at, resolve) };
}

async function readAgain<C>(reader: SectionReader, at: KeyPath, resolve: Resolve<C>): Promise<Reading<C>> {
  const { config, lacks } = await attempt(reader, resolve);
  // What came since may be there and be wrong, as a file that everybody may open.
  const [first] = [...lacks, ...reader.problems];
  if (first !== undefined) return { kind: 'lacking', lack: lackOf(first) };
  if (config === undefined) throw new Error(`${at.join('.')} cannot be read again, and nothing says why`);
  return { kind: 'complete', config };
}

async function attempt<C>(reader: SectionReader, resolve: Resolve<C>) {
  const lacks: Problem[] = [];
  const config = await resolve(reader.lenient((problem) => lacks.push(problem)));
  return { config, lacks };
}

function lackOf({ path, message: reason }: Problem): Lack {
  const [, field = path] = /\]\.(.+)$/.exec(path) ?? [];
  return { field, reason };
}
