// Owns the start of `make dev` and `make tour`.
import { runDevelopment } from './dev/run.ts';

try {
  process.exitCode = await runDevelopment({ tourOnly: process.argv.includes('--tour-only') });
} catch (error) {
  const why = error instanceof Error ? error.message : String(error);
  const hint = why.includes('EADDRINUSE') ? ' (does `make dev` run already? Only one can, on its fixed ports)' : '';
  process.stderr.write(`Countersign could not start: ${why}${hint}\n`);
  process.exitCode = 1;
}
