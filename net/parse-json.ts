// Owns reading the text of an answer as JSON, where no number of it is an amount.

/** `undefined`: it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
