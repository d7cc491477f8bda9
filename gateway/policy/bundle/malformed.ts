// Owns how a bundle's faults are said: which bundle, which file, what is wrong.

export function malformed(label: string, name: string, what: string): Error {
  return new Error(`policy bundle ${label}: ${name}: ${what}`);
}

/** Throws when it is not JSON in UTF-8. */
export function parseBundleJson(bytes: Uint8Array, label: string, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw malformed(label, name, `it is not JSON in UTF-8: ${error instanceof Error ? error.message : error}`);
  }
}

export function parseBundleObject(bytes: Uint8Array, label: string, name: string): object {
  const value = parseBundleJson(bytes, label, name);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed(label, name, 'it must hold a JSON object');
  }
  return value;
}
