// Owns walking an IDL's JSON: each value with its path, and the list of what is wrong with it.

/** A value of the JSON, where it stands, and where problems are noted. */
export interface Place {
  readonly value: unknown;
  /** For example `instructions[3].args[1].type`; empty for the whole document. */
  readonly path: string;
  readonly problems: string[];
}

/** More would not be read by anybody. */
const MOST_PROBLEMS = 20;
const LONGEST_SHOWN = 60;

export function openDocument(value: unknown): Place {
  return { value, path: '', problems: [] };
}

export function refuse({ path, problems }: Place, what: string): void {
  if (problems.length < MOST_PROBLEMS) problems.push(path === '' ? what : `${path}: ${what}`);
}

/** The value is undefined where the object has no such key, or where this is no object. */
export function member(place: Place, key: string): Place {
  const { value, path, problems } = place;
  const found = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return { value: found, path: path === '' ? key : `${path}.${key}`, problems };
}

export function isPresent(place: Place): boolean {
  return place.value !== undefined && place.value !== null;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isEmptyList({ value }: Place): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** The elements of a list of at most `most`; empty, and refused, when it is none. */
export function elements(place: Place, most: number): readonly Place[] {
  const { value, path, problems } = place;
  if (!Array.isArray(value)) {
    refuse(place, `must be a list, not ${shown(value)}`);
    return [];
  }
  if (value.length > most) {
    refuse(place, `has ${value.length} elements; at most ${most} are read`);
    return [];
  }
  return value.map((element: unknown, i) => ({ value: element, path: `${path}[${i}]`, problems }));
}

/** A list that may be left out. */
export function optionalElements(place: Place, most: number): readonly Place[] {
  return isPresent(place) ? elements(place, most) : [];
}

/** `null`, and refused, when it is no text. */
export function textAt(place: Place): string | null {
  if (typeof place.value === 'string') return place.value;
  refuse(place, `must be a text, not ${shown(place.value)}`);
  return null;
}

/** A whole number from 0 to `most`; 0, and refused, when it is none. */
export function wholeAt(place: Place, most: number): number {
  const { value } = place;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= most) return value;
  refuse(place, `must be a whole number from 0 to ${most}, not ${shown(value)}`);
  return 0;
}

/** False where it is left out. */
export function flagAt(place: Place): boolean {
  if (typeof place.value === 'boolean') return place.value;
  if (isPresent(place)) refuse(place, `must be true or false, not ${shown(place.value)}`);
  return false;
}

/** Refuses keys that are not among the known ones: what they mean could change how data are read. */
export function requireKeys(place: Place, known: readonly string[]): void {
  if (!isObject(place.value)) return;
  for (const key of Object.keys(place.value)) {
    if (!known.includes(key)) refuse(place, `the key ${shown(key)} is not known here; known are: ${known.join(', ')}`);
  }
}

/** As JSON, cut short; for messages. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (isObject(value)) return 'an object';
  const json = JSON.stringify(value);
  return json.length <= LONGEST_SHOWN ? json : `${json.slice(0, LONGEST_SHOWN)}…`;
}
