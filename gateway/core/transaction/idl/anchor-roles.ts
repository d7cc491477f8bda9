// Owns the accounts of an Anchor instruction: groups are flattened into roles.
import { nameAt, requireDifferentNames } from './names.ts';
import { elements, flagAt, isPresent, member, optionalElements, type Place, refuse } from './place.ts';
import type { RoleDescription } from './program-description.ts';
import { LIMITS, withinDepth } from './type-scope.ts';

interface FoundRole extends RoleDescription {
  readonly groups: readonly string[];
  readonly place: Place;
}

/**
 * Roles have the names of their accounts. Where two accounts of an instruction have one name, all those in groups have the names
 * of their groups before their own, as in the clients that Codama generates.
 */
export function readAnchorRoles(place: Place): readonly RoleDescription[] {
  const found = optionalElements(place, LIMITS.accounts).flatMap((account) => rolesIn(account, [], 0));
  if (found.length > LIMITS.accounts)
    refuse(place, `has ${found.length} accounts; at most ${LIMITS.accounts} are read`);
  const ambiguous = new Set(found.map(({ name }) => name)).size < found.length;
  const roles = found.map(({ name, groups, optional, place: at }) => ({
    name: ambiguous ? [...groups, name].join('_') : name,
    optional,
    place: at,
  }));
  requireDifferentNames('account', roles);
  return roles.map(({ name, optional }) => ({ name, optional }));
}

function rolesIn(place: Place, groups: readonly string[], depth: number): readonly FoundRole[] {
  const name = nameAt(member(place, 'name'));
  const inner = member(place, 'accounts');
  if (!isPresent(inner)) {
    const optional = flagAt(member(place, 'isOptional')) || flagAt(member(place, 'optional'));
    return [{ name, groups, optional, place }];
  }
  if (!withinDepth(place, depth)) return [];
  return elements(inner, LIMITS.accounts).flatMap((account) => rolesIn(account, [...groups, name], depth + 1));
}
