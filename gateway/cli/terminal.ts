// Owns the command line's only ways in and out, so that tests can stand in for a terminal.
import { createInterface } from 'node:readline/promises';

export interface Terminal {
  /** Writes one line to stdout; resolves when the reader has taken it. */
  print(line: string): Promise<void>;
  /** Writes one line to stderr. */
  warn(line: string): void;
  /** Whether a person sits there and can be asked. */
  readonly interactive: boolean;
  ask(question: string): Promise<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted when the person wants to stop. */
  readonly signal: AbortSignal;
  /** Unix milliseconds. */
  now(): number;
}

export function processTerminal(): Terminal {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  // `countersign audit tail | head` closes the pipe.
  process.stdout.on('error', () => stop.abort());
  return {
    print: (line) =>
      new Promise((resolve) => {
        process.stdout.write(`${line}\n`, () => resolve());
      }),
    warn: (line) => void process.stderr.write(`${line}\n`),
    interactive: process.stdin.isTTY === true && process.stdout.isTTY === true,
    async ask(question) {
      const reader = createInterface({ input: process.stdin, output: process.stdout });
      try {
        return await reader.question(question, { signal: stop.signal });
      } finally {
        reader.close();
      }
    },
    env: process.env,
    signal: stop.signal,
    now: Date.now,
  };
}
