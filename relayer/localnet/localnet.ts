// Owns starting, supervising and stopping a local chain in a child process: LiteSVM can abort its whole process.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isRecord } from '../json-exact.ts';
import { DEFAULT_OPTIONS, formatOptions, type LocalnetOptions } from './options.ts';

const START_MILLISECONDS = 15_000;
const STOP_MILLISECONDS = 2_000;
const STDERR_CHARACTERS = 4_096;

export interface Localnet {
  /** Of the first facade. */
  readonly rpcUrl: string;
  /** Of all, the first one first. */
  readonly rpcUrls: readonly string[];
  readonly wsUrl: string;
  readonly pid: number;
  /** Saves the state when there is a state file, and ends the process. Safe to call twice. */
  stop(): Promise<void>;
}

export interface StartOptions extends Partial<LocalnetOptions> {
  /** Told once when the chain's process ends though nobody stopped it. Default: a line on standard error. */
  readonly onUnexpectedExit?: (report: string) => void;
  /** Told what whoever runs it should know, as that a damaged state file was moved away. Default: a line on standard error. */
  readonly onWarning?: (warning: string) => void;
}

/**
 * Starts a local chain on 127.0.0.1 and waits until it serves. Its process ends with this one, however this one ends.
 * @throws Error when it does not come up (a port that is taken, 15 seconds over), with what the process said.
 */
export async function startLocalnet(options: StartOptions = {}): Promise<Localnet> {
  const { onUnexpectedExit = console.error, onWarning = console.error, ...given } = options;
  const child = fork(
    fileURLToPath(new URL('./main.ts', import.meta.url)),
    formatOptions({ ...DEFAULT_OPTIONS, ...given }),
    {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    },
  );
  const stderr = collectStderr(child);
  child.on('message', (message) => {
    if (isRecord(message) && message.kind === 'warning') onWarning(`local chain: ${String(message.message)}`);
  });
  const exited = exitOf(child);
  const { rpcUrl, rpcUrls, wsUrl } = await readiness(child, exited, stderr);
  let isStopping = false;
  void exited.then((how) => {
    if (!isStopping) onUnexpectedExit(`local chain (process ${child.pid}) ${how}${stderr()}`);
  });
  const stop = async (): Promise<void> => {
    isStopping = true;
    await end(child, exited);
  };
  return { rpcUrl, rpcUrls, wsUrl, pid: child.pid ?? 0, stop };
}

/** How the process ended, once all that it wrote was read. ('close' is not emitted when the parent disconnects.) */
function exitOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => {
      const how = `ended with ${signal ?? `code ${code}`}`;
      if (child.stderr === null || child.stderr.closed) resolve(how);
      else child.stderr.once('close', () => resolve(how));
    });
  });
}

async function readiness(child: ChildProcess, exited: Promise<string>, stderr: () => string): Promise<Urls> {
  const timeout = AbortSignal.timeout(START_MILLISECONDS);
  const urls = await new Promise<Urls | string>((resolve) => {
    child.on('message', (message) => {
      if (!isRecord(message) || message.kind !== 'warning') {
        resolve(parseReady(message) ?? 'sent a message that is not understood');
      }
    });
    timeout.addEventListener('abort', () => resolve(`did not serve within ${START_MILLISECONDS} ms`));
    void exited.then(resolve);
  });
  if (typeof urls !== 'string') return urls;
  await end(child, exited);
  throw new Error(`local chain ${urls}${stderr()}`);
}

interface Urls {
  readonly rpcUrl: string;
  readonly rpcUrls: readonly string[];
  readonly wsUrl: string;
}

function parseReady(message: unknown): Urls | null {
  if (!isRecord(message) || !Array.isArray(message.rpcUrls)) return null;
  const rpcUrls = message.rpcUrls.filter((url) => typeof url === 'string');
  const { wsUrl } = message;
  const [rpcUrl] = rpcUrls;
  return rpcUrl !== undefined && typeof wsUrl === 'string' ? { rpcUrl, rpcUrls, wsUrl } : null;
}

async function end(child: ChildProcess, exited: Promise<string>): Promise<void> {
  if (child.connected) child.disconnect();
  const kill = setTimeout(() => child.kill('SIGKILL'), STOP_MILLISECONDS);
  await exited;
  clearTimeout(kill);
}

/** Returns how to get the end of what the process wrote, as a suffix for a report. */
function collectStderr(child: ChildProcess): () => string {
  let tail = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-STDERR_CHARACTERS);
  });
  return () => (tail.trim() === '' ? '' : `: ${tail.trim()}`);
}
