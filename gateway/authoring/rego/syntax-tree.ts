// Owns the shape of parsed Rego: what `opa parse` says, with only what linting and mutating need.

/** Where something stands. Rows and columns count from 1, columns in characters as people count them. */
export interface Place {
  readonly file: string;
  readonly row: number;
  readonly col: number;
  /** As it stands in the source. opa cuts it short for some terms: only the text of an expression is whole. */
  readonly text: string;
}

export type Term =
  | { readonly kind: 'null' | 'other'; readonly at: Place }
  | { readonly kind: 'boolean'; readonly at: Place; readonly value: boolean }
  | { readonly kind: 'number'; readonly at: Place; readonly literal: string }
  | { readonly kind: 'string'; readonly at: Place; readonly value: string }
  /** A wildcard is named $0, $1, … */
  | { readonly kind: 'var'; readonly at: Place; readonly name: string }
  | Ref
  | { readonly kind: 'array' | 'set'; readonly at: Place; readonly items: readonly Term[] }
  | { readonly kind: 'object'; readonly at: Place; readonly entries: readonly (readonly [key: Term, value: Term])[] }
  | Comprehension
  | Call
  | { readonly kind: 'template'; readonly at: Place; readonly parts: readonly Expression[] };

export interface Ref {
  readonly kind: 'ref';
  readonly at: Place;
  readonly head: Term;
  readonly path: readonly Term[];
}

export interface Comprehension {
  readonly kind: 'comprehension';
  readonly at: Place;
  readonly of: 'array' | 'set' | 'object';
  readonly key: Term | null;
  readonly term: Term;
  readonly body: readonly Expression[];
}

export interface Call {
  readonly kind: 'call';
  readonly at: Place;
  /** Dotted: `is_number`, `data.countersign.wording.amount`; infix ones by opa's names: equal, lte, plus, internal.member_2. */
  readonly operator: string;
  readonly operatorAt: Place;
  readonly args: readonly Term[];
}

export interface Expression {
  readonly at: Place;
  readonly negated: boolean;
  readonly form: ExpressionForm;
  readonly with: readonly { readonly at: Place; readonly target: Term; readonly value: Term }[];
}

export type ExpressionForm =
  | { readonly kind: 'term'; readonly term: Term }
  | { readonly kind: 'some'; readonly variables: readonly Term[]; readonly domain: Term | null }
  | Every;

export interface Every {
  readonly kind: 'every';
  readonly at: Place;
  readonly key: Term | null;
  readonly value: Term;
  readonly domain: Term;
  readonly body: readonly Expression[];
}

export interface Rule {
  readonly at: Place;
  readonly headAt: Place;
  /** The variable at its head; of `q.r[x] := 1` this is q. */
  readonly name: string;
  /** Further parts of the head, as in `verdicts[name]`. */
  readonly path: readonly Term[];
  readonly isDefault: boolean;
  /** A function's parameters; null: no function. */
  readonly parameters: readonly Term[] | null;
  /** Of a partial set, what it contains. */
  readonly element: Term | null;
  readonly value: Term | null;
  readonly body: readonly Expression[];
  /** Whether the source has a body; else opa gives one that is true. */
  readonly hasBody: boolean;
  readonly otherwise: Rule | null;
}

export interface Annotation {
  readonly at: Place;
  readonly scope: string;
  readonly title: string;
  readonly description: string;
  readonly custom: Readonly<Record<string, unknown>>;
}

export interface Import {
  readonly at: Place;
  readonly path: readonly string[];
  readonly alias: string;
}

export interface RegoModule {
  readonly file: string;
  readonly source: string;
  readonly packageAt: Place;
  /** Without the leading `data`. */
  readonly packagePath: readonly string[];
  readonly imports: readonly Import[];
  readonly annotations: readonly Annotation[];
  readonly rules: readonly Rule[];
  readonly comments: readonly { readonly row: number; readonly text: string }[];
}
