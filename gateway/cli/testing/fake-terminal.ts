// Owns a terminal for tests: it remembers what was written and answers as it was told.
import type { ExitCode } from '../exit.ts';
import { runCli } from '../program.ts';
import type { Terminal } from '../terminal.ts';

export interface FakeTerminal extends Terminal {
  readonly out: string[];
  readonly err: string[];
  readonly asked: string[];
  stop(): void;
  run(...args: readonly string[]): Promise<ExitCode>;
}

export function fakeTerminal(
  env: Readonly<Record<string, string>>,
  answers: readonly string[] | null = null,
  onPrint: (line: string) => void = () => undefined,
): FakeTerminal {
  const abort = new AbortController();
  const out: string[] = [];
  const err: string[] = [];
  const asked: string[] = [];
  const terminal: FakeTerminal = {
    out,
    err,
    asked,
    env,
    interactive: answers !== null,
    signal: abort.signal,
    now: () => 1_700_000_000_000,
    stop: () => abort.abort(),
    async print(line) {
      out.push(line);
      onPrint(line);
    },
    warn: (line) => void err.push(line),
    async ask(question) {
      const answer = answers?.[asked.push(question) - 1];
      if (answer === undefined) throw new Error(`nobody was there to answer ${question}`);
      return answer;
    },
    run: (...args) => runCli(args, terminal),
  };
  return terminal;
}
