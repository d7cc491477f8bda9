// Owns `make check`: runs every static check, two at a time, and prints what each that fails had to say.
import { spawn } from 'node:child_process';
import { exit, stdout } from 'node:process';

interface Check {
  readonly name: string;
  readonly commands: readonly (readonly [string, ...string[]])[];
}

const CHECKS: readonly Check[] = [
  { name: 'lock file is complete', commands: [['node', 'scripts/complete-lockfile.ts', '--check']] },
  { name: 'generated code is current', commands: [['node', 'scripts/check-generated.ts']] },
  { name: 'format and lint', commands: [['biome', 'check', '--error-on-warnings', '.']] },
  { name: 'types', commands: [['tsc']] },
  { name: 'import boundaries', commands: [['node', 'scripts/check-boundaries.ts']] },
  {
    name: 'proto lint and breaking changes',
    commands: [
      ['buf', 'lint'],
      ['buf', 'breaking', '--against', 'proto/baseline.json'],
    ],
  },
  { name: 'policies', commands: [['node', 'scripts/check-policies.ts']] },
  { name: 'generated documents are current', commands: [['node', 'scripts/generate-docs.ts', '--check']] },
];

/** Resolves with the exit code and everything that was printed; a program that cannot start counts as failed. */
function run([program, ...args]: readonly [string, ...string[]]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', (error) => resolve({ code: 127, output: `${program}: ${error.message}\n` }));
    child.on('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString() }));
  });
}

async function perform(check: Check): Promise<boolean> {
  const started = performance.now();
  for (const command of check.commands) {
    const { code, output } = await run(command);
    if (code !== 0) {
      stdout.write(`✘ ${check.name} (${command.join(' ')})\n${output.replace(/^/gm, '    ').trimEnd()}\n`);
      return false;
    }
  }
  stdout.write(`✔ ${check.name} (${((performance.now() - started) / 1000).toFixed(1)} s)\n`);
  return true;
}

async function performAll(checks: readonly Check[], atOnce: number): Promise<number> {
  const waiting = [...checks];
  let failed = 0;
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (!(await perform(next))) failed += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return failed;
}

const failed = await performAll(CHECKS, 2);
stdout.write(failed === 0 ? `all ${CHECKS.length} checks passed\n` : `${failed} of ${CHECKS.length} checks failed\n`);
exit(failed === 0 ? 0 : 1);
