// Owns the types that an Anchor IDL defines: found by name, and made concrete where they are generic.
import type { Generics } from './anchor-types.ts';
import { elements, isObject, isPresent, member, optionalElements, type Place, refuse, shown, textAt } from './place.ts';
import type { ArgumentType } from './program-description.ts';
import { LIMITS, REFUSED, referTo, type TypeScope } from './type-scope.ts';

export interface AnchorDefinitions {
  readonly scope: TypeScope;
  readonly byName: ReadonlyMap<string, Place>;
  readonly readBody: (definitions: AnchorDefinitions, place: Place, generics: Generics) => ArgumentType;
}

/** Arguments of arguments of arguments: a type that refers to a larger one of itself would never end. */
const LONGEST_INSTANCE = 4_000;

/** Types are looked for among `types` first; an old IDL may also use its account types as arguments. */
export function anchorDefinitions(
  document: Place,
  scope: TypeScope,
  readBody: AnchorDefinitions['readBody'],
): AnchorDefinitions {
  const byName = new Map<string, Place>();
  for (const definition of optionalElements(member(document, 'types'), LIMITS.types)) {
    const name = textAt(member(definition, 'name'));
    if (name === null) continue;
    const first = byName.get(name);
    if (first === undefined) byName.set(name, definition);
    else refuse(definition, `the type ${shown(name)} stands at ${first.path} already`);
  }
  for (const account of optionalElements(member(document, 'accounts'), LIMITS.types)) {
    const name = member(account, 'name').value;
    if (typeof name === 'string' && isPresent(member(account, 'type')) && !byName.has(name)) byName.set(name, account);
  }
  return { scope, byName, readBody };
}

/** `place` holds the name as text (old), or as `{name, generics}`. */
export function referToAnchorType(
  definitions: AnchorDefinitions,
  place: Place,
  read: (inner: Place) => ArgumentType,
  generics: Generics,
): ArgumentType {
  const name = isObject(place.value) ? textAt(member(place, 'name')) : textAt(place);
  if (name === null) return REFUSED;
  const definition = definitions.byName.get(name);
  if (definition === undefined) {
    refuse(place, `the IDL defines no type ${shown(name)}`);
    return REFUSED;
  }
  const given = optionalElements(member(place, 'generics'), LIMITS.fields).map((argument) =>
    readGenericArgument(argument, read, generics),
  );
  const instance = given.length === 0 ? name : `${name} of ${JSON.stringify(given)}`;
  if (instance.length > LONGEST_INSTANCE) {
    refuse(place, 'generic types are nested too deeply');
    return REFUSED;
  }
  const { scope, readBody } = definitions;
  return referTo(scope, instance, place, () => {
    requireBorsh(definition);
    return readBody(definitions, member(definition, 'type'), parametersOf(definition, given, place));
  });
}

/** Instruction data are Borsh; what is laid out in memory order cannot be read from them. */
function requireBorsh(definition: Place): void {
  const serialization = member(definition, 'serialization');
  if (isPresent(serialization) && serialization.value !== 'borsh') {
    refuse(serialization, `must be "borsh" for a type of an argument, not ${shown(serialization.value)}`);
  }
}

function readGenericArgument(
  place: Place,
  read: (inner: Place) => ArgumentType,
  generics: Generics,
): ArgumentType | number {
  const kind = textAt(member(place, 'kind'));
  if (kind === 'type') return read(member(place, 'type'));
  const at = member(place, 'value');
  const text = kind === 'const' ? textAt(at) : null;
  const outer = text === null ? undefined : generics.get(text);
  if (typeof outer === 'number') return outer;
  const value = text !== null && /^\d{1,6}$/.test(text) ? Number(text) : null;
  if (value !== null && value <= LIMITS.count) return value;
  refuse(place, `must be a type, or a constant from 0 to ${LIMITS.count}`);
  return 0;
}

function parametersOf(definition: Place, given: readonly (ArgumentType | number)[], use: Place): Generics {
  const at = member(definition, 'generics');
  const parameters = isPresent(at) ? elements(at, LIMITS.fields) : [];
  if (parameters.length !== given.length) {
    refuse(use, `gives ${given.length} generic arguments; ${definition.path} has ${parameters.length} parameters`);
    return new Map();
  }
  const generics = new Map<string, ArgumentType | number>();
  parameters.forEach((parameter, i) => {
    const name = textAt(member(parameter, 'name'));
    const value = given[i];
    if (name !== null && value !== undefined) generics.set(name, value);
  });
  return generics;
}
