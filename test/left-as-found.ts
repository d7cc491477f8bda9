// Owns that a test file leaves the process as it found it: the files after it in the same worker share it.
import { cwd } from 'node:process';
import { afterAll, expect, vi } from 'vitest';

const found = { env: process.env, variables: { ...process.env }, cwd: cwd(), exitCode: process.exitCode };

afterAll(() => {
  // Another object: whoever imported `env` would read the one of before for ever.
  expect(process.env === found.env, 'the environment is the object that it was').toBe(true);
  expect(changedVariables(), 'variables that a test left changed: vi.unstubAllEnvs()').toEqual([]);
  expect(vi.isFakeTimers(), 'a test left its own clock: vi.useRealTimers()').toBe(false);
  expect(cwd(), 'the working directory').toBe(found.cwd);
  expect(process.exitCode, 'the exit code').toBe(found.exitCode);
});

/** Their names: what they hold may be secret. */
function changedVariables(): string[] {
  const names = new Set([...Object.keys(found.variables), ...Object.keys(process.env)]);
  return [...names].filter((name) => process.env[name] !== found.variables[name]);
}
