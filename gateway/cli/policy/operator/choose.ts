// Owns the commands by which an operator chooses the revision that decides: activate, rollback, pin, follow.
import type { Command } from 'commander';
import { PolicyService } from '../../../../proto/gen/countersign/v1/policy_pb.ts';
import { printable } from '../../../core/explanation/printable.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../../context.ts';
import { warnOf } from './activation-warnings.ts';

const { method } = PolicyService;

interface Activated {
  readonly active?: { readonly revision: string } | undefined;
  readonly warnings: readonly string[];
}

interface ChoiceOptions extends ConnectOptions {
  readonly reason: string;
}

export function addChoiceCommands(policy: Command, context: CliContext): void {
  const { terminal } = context;
  const tell = async ({ active, warnings }: Activated): Promise<0> => {
    await terminal.print(decides(active?.revision));
    warnOf(terminal, warnings);
    return 0;
  };
  command(
    policy,
    'activate',
    'let a kept revision decide on every replica, and stay on it; not an older one while you are new',
  )
    .argument('<revision>')
    .action((revision: string, options: ChoiceOptions) =>
      context.withGateway(options, async (gateway) => {
        const { reason } = options;
        return tell(await gateway.unary(method.activateRevision, { revision, reason }));
      }),
    );
  command(
    policy,
    'rollback',
    'let the revision decide that did so before the active one, and stay on it; not while you are new',
  ).action((options: ChoiceOptions) =>
    context.withGateway(options, async (gateway) => {
      return tell(await gateway.unary(method.rollBack, { reason: options.reason }));
    }),
  );
  command(policy, 'pin', 'stay on the active revision, whatever the source brings').action((options: ChoiceOptions) =>
    context.withGateway(options, async (gateway) => {
      const { active: now } = await gateway.unary(method.getPolicyStatus, {});
      const asked = { revision: now?.revision ?? '', reason: options.reason };
      return tell(await gateway.unary(method.activateRevision, asked));
    }),
  );
  command(policy, 'follow', 'let the source of bundles choose again').action((options: ChoiceOptions) =>
    context.withGateway(options, async (gateway) => {
      await gateway.unary(method.followSource, { reason: options.reason });
      await terminal.print('the source chooses again; see countersign policy status');
      return 0;
    }),
  );
}

function command(policy: Command, name: string, description: string): Command {
  return connectOptions(policy.command(name))
    .description(description)
    .option('--reason <text>', 'why, for the audit record', '');
}

function decides(revision: string | undefined): string {
  return `revision ${printable(revision ?? 'NOT KNOWN')} decides, until countersign policy follow`;
}
