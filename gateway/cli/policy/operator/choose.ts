// Owns the commands by which an operator chooses the revision that decides: activate, rollback, pin, follow.
import type { Command } from 'commander';
import { PolicyService } from '../../../../proto/gen/countersign/v1/policy_pb.ts';
import { printable } from '../../../core/explanation/printable.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../../context.ts';

const { method } = PolicyService;

interface ChoiceOptions extends ConnectOptions {
  readonly reason: string;
}

export function addChoiceCommands(policy: Command, context: CliContext): void {
  const { terminal } = context;
  command(policy, 'activate', 'let a kept revision decide on every replica, and stay on it')
    .argument('<revision>')
    .action((revision: string, options: ChoiceOptions) =>
      context.withGateway(options, async (gateway) => {
        const { reason } = options;
        const { active } = await gateway.unary(method.activateRevision, { revision, reason });
        await terminal.print(decides(active?.revision));
        return 0;
      }),
    );
  command(policy, 'rollback', 'let the revision decide that did so before the active one, and stay on it').action(
    (options: ChoiceOptions) =>
      context.withGateway(options, async (gateway) => {
        const { active } = await gateway.unary(method.rollBack, { reason: options.reason });
        await terminal.print(decides(active?.revision));
        return 0;
      }),
  );
  command(policy, 'pin', 'stay on the active revision, whatever the source brings').action((options: ChoiceOptions) =>
    context.withGateway(options, async (gateway) => {
      const { active: now } = await gateway.unary(method.getPolicyStatus, {});
      const asked = { revision: now?.revision ?? '', reason: options.reason };
      const { active } = await gateway.unary(method.activateRevision, asked);
      await terminal.print(decides(active?.revision));
      return 0;
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
