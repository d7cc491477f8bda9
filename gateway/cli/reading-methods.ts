// Owns which calls only read: after one of those nobody has to look what became of it.

const READING = /^(Check|Download|Evaluate|Explain|Get|List|Stream|Watch)/;

/** `name`: of a method of the API. */
export function isReading(name: string): boolean {
  return READING.test(name);
}
