import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type ProgramRun, runProgram } from './run-program.ts';

const never = () => new AbortController().signal;

const shell = (script: string, more: Partial<ProgramRun> = {}): ProgramRun => ({
  program: '/bin/sh',
  args: ['-c', script],
  env: {},
  directory: '/',
  longestMs: 10_000,
  mostOutput: 1_000,
  ...more,
});

/** What has ended, and nobody asked how, is still listed. */
function isRunning(id: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(id)]);
  return /^[^Z\s]/.test(stdout.toString());
}

describe('a program', () => {
  it('gets its input and its environment, and no other', async () => {
    const end = await runProgram(
      shell('cat; echo "$A"; env | wc -l; echo no >&2; exit 3', { input: 'in ', env: { A: 'x' } }),
      never(),
    );
    expect(end.code).toBe(3);
    expect(end.said).toBe('no\n');
    // PWD is the shell's own.
    expect(end.output.toString()).toMatch(/^in x\n[12]\n$/);
  });

  it('may be given its input later, and its time counts from then', async () => {
    const input = Promise.withResolvers<string>();
    const run = runProgram(shell('cat', { input: input.promise, longestMs: 1_000 }), never());
    setTimeout(() => input.resolve('late'), 1_200);
    expect((await run).output.toString()).toBe('late');
  });

  it('is ended while it waits for its input', async () => {
    const ending = new AbortController();
    const run = runProgram(shell('cat', { input: new Promise(() => {}) }), ending.signal);
    ending.abort(new Error('enough'));
    await expect(run).rejects.toThrow('enough');
  });

  it('may end without reading what it is given', async () => {
    expect((await runProgram(shell('exit 0', { input: 'x'.repeat(1_000_000) }), never())).code).toBe(0);
  });

  it('says no more than is kept of it', async () => {
    const { said } = await runProgram(
      shell('head -c 100000 /dev/zero | tr "\\0" x >&2; echo end >&2', { env: { PATH: '/usr/bin:/bin' } }),
      never(),
    );
    expect(said).toHaveLength(16_384);
    expect(said.endsWith('end\n')).toBe(true);
  });

  it.each<[string, ProgramRun, string]>([
    [
      'runs too long',
      shell('sleep 60', { longestMs: 200, env: { PATH: '/usr/bin:/bin' } }),
      'it did not end within 0.2 s',
    ],
    ['prints too much', shell('while :; do echo xxxxxxxxxxxxxxxxxxxxxxxx; done'), 'it printed more than 1000 bytes'],
    ['is not there', shell('', { program: '/nowhere/program' }), '/nowhere/program cannot be run (ENOENT)'],
  ])('is told when it %s', async (_, run, message) => {
    await expect(runProgram(run, never())).rejects.toThrow(message);
  });

  it.each<[string, number, string]>([
    ['the signal says so', 60_000, 'enough'],
    ['its time is over', 2_000, 'it did not end within 2 s'],
  ])('is ended with all that it started when %s', async (_, longestMs, message) => {
    const folder = await mkdtemp(join(tmpdir(), 'countersign-run-program-'));
    const ending = new AbortController();
    const script = 'sleep 60 & echo $! > started; mv started pid; wait';
    const run = shell(script, { directory: folder, longestMs, env: { PATH: '/usr/bin:/bin' } });
    const found = runProgram(run, ending.signal).catch((error: unknown) => error);
    const child = Number(await vi.waitUntil(() => readFile(join(folder, 'pid'), 'utf8').catch(() => null)));
    expect(isRunning(child)).toBe(true);
    if (message === 'enough') ending.abort(new Error('enough'));
    expect(await found).toMatchObject({ message });
    await vi.waitUntil(() => !isRunning(child));
    await rm(folder, { recursive: true });
  });
});
