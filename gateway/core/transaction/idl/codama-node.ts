// Owns what every node of a Codama IDL has: its kind.
import { member, type Place, refuse, shown } from './place.ts';

/** Empty where there is none. */
export function kindAt(place: Place): string {
  const { value } = member(place, 'kind');
  return typeof value === 'string' ? value : '';
}

/** Refuses a node of another kind. */
export function requireKind(place: Place, kind: string): boolean {
  if (kindAt(place) === kind) return true;
  refuse(place, `must be of the kind ${kind}, not ${shown(member(place, 'kind').value)}`);
  return false;
}
