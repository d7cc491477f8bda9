// Owns the start of `make dev` and `make tour`.
import { runDevelopment } from './dev/run.ts';

process.exitCode = await runDevelopment({ tourOnly: process.argv.includes('--tour-only') });
