// Owns the end of every exhaustive switch.

/** Reached only when a union grew and a switch did not; the type checker refuses that before it can run. */
export function assertNever(value: never): never {
  throw new Error(`unreachable: a case is not handled for ${typeof value}`);
}
