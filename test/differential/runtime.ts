// Owns asking the runtime about wire bytes through a child process that may die of them.
import { type ChildProcess, fork } from 'node:child_process';
import type { Corpus } from './corpus.ts';
import type { Simulated } from './runtime-child.ts';

export type RuntimeAnswer =
  | { readonly kind: 'answered'; readonly error: Simulated['error'] }
  /** The process aborted: the loader could not read the bytes. */
  | { readonly kind: 'aborted' };

/** Answers in the order of `wires`. Bytes that abort the process cost a new one. */
export async function askRuntime(corpus: Corpus, wires: readonly Uint8Array[]): Promise<readonly RuntimeAnswer[]> {
  const answers: RuntimeAnswer[] = [];
  while (answers.length < wires.length) {
    const from = answers.length;
    const errors = await runUntilAbort(corpus, wires.slice(from));
    for (const error of errors) answers.push({ kind: 'answered', error });
    if (answers.length < wires.length) answers.push({ kind: 'aborted' });
  }
  return answers;
}

function runUntilAbort(corpus: Corpus, wires: readonly Uint8Array[]): Promise<readonly Simulated['error'][]> {
  const child = fork(new URL('./runtime-child.ts', import.meta.url), { serialization: 'advanced', stdio: 'ignore' });
  return new Promise((resolve) => {
    const errors: Simulated['error'][] = [];
    child.on('message', (answer: Simulated) => {
      errors.push(answer.error);
      if (errors.length === wires.length) child.disconnect();
    });
    child.on('exit', () => resolve(errors));
    // The child may be gone before all is sent.
    child.on('error', () => undefined);
    send(child, { kind: 'setup', feePayer: corpus.feePayer, tables: corpus.tables });
    wires.forEach((wire, id) => {
      send(child, { kind: 'simulate', id, wire });
    });
  });
}

function send(child: ChildProcess, message: object): void {
  if (child.connected) child.send(message, () => undefined);
}
