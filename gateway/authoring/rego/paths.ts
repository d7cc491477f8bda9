// Owns what a variable or a reference of a package stands for: a path into the input or into the data, with * for every entry.
import type { Expression, RegoModule, Rule, Term } from './syntax-tree.ts';
import { branches, branchesIn, expressionsInBranch, termsInBranch } from './walk.ts';

/** The first part is `input` or `data`; `*` is any entry of a list or object. */
export type FactPath = readonly string[];

/** More than one where a function is called with different things; none where it cannot be told. */
export type FactPaths = readonly FactPath[];

export interface PathScope {
  pathsOf(term: Term): FactPaths;
}

export interface PackagePaths {
  /** The scope of a branch of a rule of the package. */
  within(branch: Rule): PathScope;
}

const MEMBERSHIP = /^internal\.member_[23]$/;
/** A function that calls itself in a circle does not compile; chains of helpers are short. */
const ROUNDS = 4;
const MOST_PATHS = 8;

export function packagePaths(modules: readonly RegoModule[]): PackagePaths {
  const owner = new Map<Rule, RegoModule>();
  for (const module of modules)
    for (const rule of module.rules) for (const one of branches(rule)) owner.set(one, module);
  const parameters = new Map<string, FactPath[][]>();
  const values = new Map<string, FactPath[]>();
  const scopes = new Map<Rule, Map<string, FactPath[]>>();

  function within(branch: Rule): PathScope {
    const bindings = scopes.get(branch) ?? new Map<string, FactPath[]>();
    const aliases = new Map((owner.get(branch)?.imports ?? []).map(({ alias, path }) => [alias, path]));
    return { pathsOf: (term) => pathsIn(term, bindings, aliases) };
  }

  function pathsIn(
    term: Term,
    bindings: ReadonlyMap<string, FactPath[]>,
    aliases: ReadonlyMap<string, readonly string[]>,
  ): FactPaths {
    if (term.kind === 'var') {
      if (term.name === 'input' || term.name === 'data') return [[term.name]];
      const alias = aliases.get(term.name);
      return bindings.get(term.name) ?? values.get(term.name) ?? (alias === undefined ? [] : [alias]);
    }
    if (term.kind === 'call' && term.operator === 'object.get') return defaulted(term.args, bindings, aliases);
    if (term.kind !== 'ref') return [];
    const steps = term.path.map((part) => (part.kind === 'string' ? part.value : '*'));
    return pathsIn(term.head, bindings, aliases).map((path) => [...path, ...steps]);
  }

  function defaulted(
    [object, key]: readonly Term[],
    bindings: ReadonlyMap<string, FactPath[]>,
    aliases: ReadonlyMap<string, readonly string[]>,
  ): FactPaths {
    if (object === undefined || key === undefined) return [];
    const keys = key.kind === 'array' ? key.items : [key];
    const steps = keys.map((one) => (one.kind === 'string' ? one.value : '*'));
    return pathsIn(object, bindings, aliases).map((path) => [...path, ...steps]);
  }

  for (let round = 0; round < ROUNDS; round += 1) {
    for (const branch of branchesIn(modules)) scopes.set(branch, bindingsOf(branch));
    for (const branch of branchesIn(modules)) {
      learnCalls(branch);
      learnValue(branch);
    }
  }
  return { within };

  function bindingsOf(branch: Rule): Map<string, FactPath[]> {
    const bindings = new Map<string, FactPath[]>();
    for (const [index, parameter] of (branch.parameters ?? []).entries()) {
      const known = parameters.get(branch.name)?.[index];
      if (parameter.kind === 'var' && known !== undefined) bindings.set(parameter.name, known);
    }
    scopes.set(branch, bindings);
    const scope = within(branch);
    for (const expression of expressionsInBranch(branch)) bind(expression, scope, bindings);
    return bindings;
  }

  function learnCalls(branch: Rule): void {
    const scope = within(branch);
    for (const term of termsInBranch(branch)) {
      if (term.kind !== 'call' || MEMBERSHIP.test(term.operator) || term.operator.includes('.')) continue;
      const known = parameters.get(term.operator) ?? [];
      for (const [index, arg] of term.args.entries()) known[index] = merged(known[index] ?? [], scope.pathsOf(arg));
      parameters.set(term.operator, known);
    }
  }

  /** A rule that only names a path, such as `maxima := settings.wallet.spending_limit`. */
  function learnValue(branch: Rule): void {
    if (branch.parameters !== null || branch.path.length > 0 || branch.value === null) return;
    const found = within(branch).pathsOf(branch.value);
    if (found.length > 0) values.set(branch.name, merged(values.get(branch.name) ?? [], found));
  }
}

function bind(expression: Expression, scope: PathScope, bindings: Map<string, FactPath[]>): void {
  const { form } = expression;
  if (form.kind === 'term') {
    const { term } = form;
    if (term.kind !== 'call' || (term.operator !== 'assign' && term.operator !== 'eq')) return;
    const [variable, value] = term.args;
    if (variable !== undefined && value !== undefined) add(variable, scope.pathsOf(value), bindings);
    return;
  }
  if (form.domain === null) return;
  const entry = form.kind === 'every' ? form.value : form.variables.at(-1);
  const entries = scope.pathsOf(form.domain).map((path) => [...path, '*']);
  if (entry !== undefined) add(entry, entries, bindings);
}

function add(variable: Term, found: FactPaths, bindings: Map<string, FactPath[]>): void {
  if (variable.kind !== 'var' || found.length === 0) return;
  bindings.set(variable.name, merged(bindings.get(variable.name) ?? [], found));
}

function merged(known: readonly FactPath[], found: FactPaths): FactPath[] {
  const all = new Map([...known, ...found].map((path) => [path.join('.'), path]));
  return [...all.values()].slice(0, MOST_PATHS);
}
