// Owns what the boundary check knows of one module: what it imports, what it casts to, and what it does that cannot be judged.
import { dirname, join } from 'node:path/posix';
import { type Node, parseSync, Visitor } from 'oxc-parser';

export interface Import {
  /** Project path (`gateway/core/address.ts`), or the specifier of a package (`@solana/kit`, `node:fs`). */
  readonly target: string;
  readonly local: boolean;
  /** Names that exist at run time; `*` for a whole module. Empty: types only. */
  readonly values: readonly string[];
  readonly line: number;
}

export interface ModuleFacts {
  /** Path from the project's root, with `/`. */
  readonly path: string;
  readonly imports: readonly Import[];
  /** Source text of the type of every `x as T`. */
  readonly casts: readonly { readonly type: string; readonly line: number }[];
  /** Ways to reach a module that this check cannot follow. */
  readonly evasions: readonly { readonly what: string; readonly line: number }[];
}

/** Functions that load a module, other than `import`. */
const LOADERS = new Set(['createRequire', 'getBuiltinModule', 'require']);

/** Throws where the text is not TypeScript. */
export function readModule(path: string, text: string): ModuleFacts {
  const { module, program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const lineOf = (offset: number) => text.slice(0, offset).split('\n').length;
  const imports: Import[] = [];
  const casts: { type: string; line: number }[] = [];
  const evasions: { what: string; line: number }[] = [];

  const add = (specifier: string, values: readonly string[], offset: number) => {
    const local = specifier.startsWith('.');
    const target = local ? join(dirname(path), specifier) : specifier;
    imports.push({ target, local, values, line: lineOf(offset) });
  };

  const follow = (how: string, source: Node | undefined, offset: number) => {
    if (source?.type === 'Literal' && typeof source.value === 'string') add(source.value, ['*'], offset);
    else evasions.push({ what: `${how} of something that is not a literal`, line: lineOf(offset) });
  };

  for (const found of module.staticImports) {
    const values = found.entries.filter((entry) => !entry.isType).map((entry) => entry.importName.name ?? '*');
    // `import 'x'` names nothing and runs everything.
    add(found.moduleRequest.value, found.entries.length === 0 ? ['*'] : values, found.start);
  }
  for (const entry of module.staticExports.flatMap((found) => found.entries)) {
    if (entry.moduleRequest === null) continue;
    add(entry.moduleRequest.value, entry.isType ? [] : [entry.importName.name ?? '*'], entry.start);
  }
  new Visitor({
    ImportExpression(node) {
      follow('import()', node.source, node.start);
    },
    TSImportType(node) {
      add(node.source.value, [], node.start);
    },
    TSAsExpression(node) {
      const { start, end } = node.typeAnnotation;
      casts.push({ type: text.slice(start, end), line: lineOf(node.start) });
    },
    CallExpression({ callee, arguments: given, start }) {
      const called = callee.type === 'CallExpression' ? callee.callee : callee;
      const name = called.type === 'MemberExpression' ? called.property : called;
      if (name.type !== 'Identifier' || !LOADERS.has(name.name)) return;
      // `createRequire(…)` alone loads nothing; what it returns does.
      if (name.name !== 'createRequire' || callee !== called) follow(name.name, given[0], start);
    },
  }).visit(program);
  return { path, imports, casts, evasions };
}
