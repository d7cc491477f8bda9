// Owns `countersign dev`: the same as `make dev`, loaded only when it runs.
import type { Command } from 'commander';
import type { CliContext } from '../context.ts';

export function addDevCommand(program: Command, context: CliContext): void {
  program
    .command('dev')
    .description('Postgres, a local chain and a gateway on this machine, with a tour; for development')
    .option('--tour-only', 'stop after the tour')
    .action(({ tourOnly = false }: { readonly tourOnly?: boolean }) =>
      context.run(async () => {
        const { runDevelopment } = await import('../../../scripts/dev/run.ts');
        return runDevelopment({ tourOnly });
      }),
    );
}
