// Owns the search for secrets in everything that a signer says: its results and errors, and what it writes anywhere meanwhile.
import { inspect } from 'node:util';
import { expect, vi } from 'vitest';

export interface Overheard {
  /** Notes a result or an error, and passes results on. */
  readonly hear: <T>(answer: Promise<T>) => Promise<T>;
  /** Fails where any part of these secrets was said or written since the last time, in any of the usual spellings. */
  readonly expectNone: (secrets: readonly string[]) => void;
  /** Streams and console are as before. */
  readonly stop: () => void;
}

/** Listens on the process's streams, console and warnings until it is stopped. */
export function overhear(): Overheard {
  const said: string[] = [];
  const warned = (warning: Error): void => void said.push(shown(warning));
  process.on('warning', warned);
  const spies = [
    ...[process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write')),
    // The runner's console does not go through the streams.
    ...(['log', 'info', 'warn', 'error', 'debug'] as const).map((method) => vi.spyOn(console, method)),
  ];
  const writtenSince = (): readonly string[] =>
    spies.flatMap(({ mock }) => mock.calls.splice(0).flatMap((parts) => parts.map((part) => textOf(part))));
  return {
    hear: async (answer) => {
      try {
        const result = await answer;
        said.push(shown(result), JSON.stringify(result));
        return result;
      } catch (error) {
        said.push(shown(error));
        throw error;
      }
    },
    expectNone: (secrets) => {
      const all = [...said.splice(0), ...writtenSince()].join('\n');
      const heard = new Set(pieces(all));
      const found = secrets.flatMap((secret, n) => spellings(secret).map(({ how, text }) => ({ n, how, text })));
      const isSaid = (text: string): boolean =>
        text.length < MIN_PIECE ? all.includes(text) : pieces(text).some((piece) => heard.has(piece));
      expect(found.filter(({ text }) => isSaid(text)).map(({ n, how }) => `secret ${n}, ${how}`)).toEqual([]);
    },
    stop: () => {
      process.off('warning', warned);
      for (const spy of spies) spy.mockRestore();
    },
  };
}

function shown(value: unknown): string {
  return inspect(value, { depth: 8, showHidden: true, maxStringLength: null });
}

function textOf(part: unknown): string {
  if (part instanceof Uint8Array) return Buffer.from(part).toString();
  return typeof part === 'string' ? part : shown(part);
}

/** Too short a piece would be found by chance. */
const MIN_PIECE = 12;

/** Each part of this length: half a secret is as bad as a whole one. */
function pieces(text: string): readonly string[] {
  return Array.from({ length: Math.max(0, text.length - MIN_PIECE + 1) }, (_, at) => text.slice(at, at + MIN_PIECE));
}

function spellings(secret: string): readonly { readonly how: string; readonly text: string }[] {
  const lines = secret.split(/\r?\n/).filter((line) => !line.startsWith('-----'));
  const forms = lines.flatMap((line) => [
    { how: 'as it is', text: line },
    { how: 'in a URL', text: encodeURIComponent(line) },
    { how: 'in JSON', text: JSON.stringify(line).slice(1, -1) },
    { how: 'in base64', text: Buffer.from(line).toString('base64').replace(/=+$/, '') },
    { how: 'in hex', text: Buffer.from(line).toString('hex') },
  ]);
  return forms.filter(({ text }) => text.length >= Math.min(MIN_PIECE, secret.length));
}
