// Owns how another program is run: with the environment that it is given and no other, for so long, printing so much, and ended with
// all that it started.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { codeOf } from './read-bounded.ts';

export interface ProgramRun {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly directory: string;
  /** What comes later, or never, is waited for without keeping this process alive; the time counts from then. */
  readonly input?: string | Promise<string>;
  readonly longestMs: number;
  /** Bytes that it may print. */
  readonly mostOutput: number;
}

export interface ProgramEnd {
  /** `null`: a signal ended it. */
  readonly code: number | null;
  readonly output: Buffer<ArrayBuffer>;
  /** What it said on standard error, the last of it. */
  readonly said: string;
}

const MOST_SAID = 16_384;

/** Throws an Error where it cannot be run, runs for too long or prints too much; and the signal's reason. */
export async function runProgram(run: ProgramRun, signal: AbortSignal): Promise<ProgramEnd> {
  signal.throwIfAborted();
  const { program, args, env, directory } = run;
  // In a process group of its own: a helper that it started must not outlive it, nor ask a person at a terminal.
  const child = spawn(program, [...args], { env, cwd: directory, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  let why: Error | null = null;
  const end = (error: Error | null) => {
    why ??= error;
    killGroup(child.pid);
  };
  const aborted = () => end(null);
  let timer: NodeJS.Timeout | undefined;
  const begin = () => {
    timer = setTimeout(() => end(new Error(`it did not end within ${run.longestMs / 1000} s`)), run.longestMs);
  };
  signal.addEventListener('abort', aborted);
  try {
    const ended = outcome(child, run, end);
    giveInput(child, run.input ?? '', begin);
    await ended;
    signal.throwIfAborted();
    if (why !== null) throw why;
    return await ended;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', aborted);
  }
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

function giveInput(child: Child, input: string | Promise<string>, begin: () => void): void {
  // Whoever ends early does not read to the end; how it ended tells more.
  child.stdin.on('error', () => {});
  const give = (text: string) => {
    begin();
    child.stdin.end(text);
  };
  if (typeof input === 'string') {
    give(input);
    return;
  }
  const held = [child, child.stdin, child.stdout, child.stderr].filter((each) => 'unref' in each);
  for (const each of held) each.unref();
  void input.then((text) => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    for (const each of held) each.ref();
    give(text);
  });
}

function outcome(child: Child, { program, mostOutput }: ProgramRun, end: (error: Error) => void) {
  const printed: Buffer[] = [];
  let length = 0;
  let said = '';
  child.stdout.on('data', (part: Buffer) => {
    length += part.length;
    if (length <= mostOutput) printed.push(part);
    else end(new Error(`it printed more than ${mostOutput} bytes`));
  });
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    said = `${said}${part}`.slice(-MOST_SAID);
  });
  return new Promise<ProgramEnd>((resolve, reject) => {
    child.on('error', (error) => reject(new Error(`${program} cannot be run (${codeOf(error)})`)));
    child.on('close', (code) => resolve({ code, output: Buffer.concat(printed), said }));
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
