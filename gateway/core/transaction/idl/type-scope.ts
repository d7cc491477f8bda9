// Owns the reading of a program's types: those that instructions refer to, each once, and what can be checked only when all are read.

import { type Place, refuse } from './place.ts';
import type { ArgumentType } from './program-description.ts';

export const LIMITS = {
  instructions: 1_024,
  accounts: 255,
  arguments: 256,
  types: 4_096,
  fields: 1_024,
  variants: 65_536,
  /** More bytes than an instruction can carry. */
  count: 65_536,
  /** Types within types of one expression. */
  depth: 32,
} as const;

/** Stands where a type was refused; what was refused is never used. */
export const REFUSED: ArgumentType = { kind: 'tuple', items: [] };

export interface TypeScope {
  /** What references stand for. */
  readonly types: Map<string, ArgumentType>;
  /** Definitions that were referred to and are not read yet. */
  readonly waiting: (() => void)[];
  readonly checks: (() => void)[];
}

export function openTypeScope(): TypeScope {
  return { types: new Map(), waiting: [], checks: [] };
}

/** A reference, to be read once: not at once, because definitions can refer to each other in a circle. */
export function referTo(scope: TypeScope, name: string, place: Place, read: () => ArgumentType): ArgumentType {
  if (!scope.types.has(name)) {
    if (scope.types.size >= LIMITS.types) {
      refuse(place, `more than ${LIMITS.types} types are in use`);
      return REFUSED;
    }
    scope.types.set(name, REFUSED);
    scope.waiting.push(() => scope.types.set(name, read()));
  }
  return { kind: 'reference', name };
}

/** Reads all that is referred to, then runs the checks. */
export function closeTypeScope(scope: TypeScope): void {
  for (let next = scope.waiting.pop(); next !== undefined; next = scope.waiting.pop()) next();
  for (const check of scope.checks) check();
}

/** Whether the expression may go one level deeper; refuses where not. */
export function withinDepth(place: Place, depth: number): boolean {
  if (depth < LIMITS.depth) return true;
  refuse(place, `types within types are read to a depth of ${LIMITS.depth}`);
  return false;
}
