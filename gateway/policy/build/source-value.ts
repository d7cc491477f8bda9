// Owns the values that policy data are read into: as JSON with exact integers, and what is not one is kept as it was written.

/** A number that is no plain integer, such as 1.5 or 1e9: nothing that a policy may count with. */
export class OtherNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type SourceValue = string | bigint | boolean | null | OtherNumber | readonly SourceValue[] | SourceObject;

export interface SourceObject {
  readonly [key: string]: SourceValue;
}

export function isSourceObject(value: SourceValue | undefined): value is SourceObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof OtherNumber);
}

export function isSourceList(value: SourceValue | undefined): value is readonly SourceValue[] {
  return Array.isArray(value);
}

const INTEGER = /^(0|-?[1-9][0-9]*)$/;
const LONGEST_INTEGER = 128;

/** The number that is written so. */
export function numberOf(text: string): bigint | OtherNumber {
  return text.length <= LONGEST_INTEGER && INTEGER.test(text) ? BigInt(text) : new OtherNumber(text);
}

const PLAIN_KEY = /^[A-Za-z0-9_-]+$/;

/** A place in a document, as people write it: `data.countersign.agents.trader`. */
export function pathText(path: readonly (string | number)[]): string {
  return path
    .map((step, at) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!PLAIN_KEY.test(step)) return `[${JSON.stringify(step)}]`;
      return at === 0 ? step : `.${step}`;
    })
    .join('');
}
