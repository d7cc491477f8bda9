// Owns `countersign audit show`: one record in full, with the transaction that it is about.
import type { Command } from 'commander';
import { AuditService } from '../../../proto/gen/countersign/v1/audit_pb.ts';
import { exportLine } from '../../audit/export.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../context.ts';
import { renderAuditRecord, renderAuditRecordInFull } from '../render-audit.ts';
import { sequenceOption } from '../sequence-option.ts';

interface ShowOptions extends ConnectOptions {
  readonly json?: true;
}

export function addAuditShow(audit: Command, context: CliContext): void {
  connectOptions(audit.command('show'))
    .description('one record with all its facts, and the transaction as it was judged')
    .argument('<sequence>')
    .option('--json', 'as audit export writes it')
    .action((sequence: string, options: ShowOptions) =>
      context.withGateway(options, async (gateway) => {
        const { record, policyInput } = await gateway.unary(AuditService.method.getAuditRecord, {
          sequence: sequenceOption('<sequence>', sequence),
        });
        if (record === undefined) throw new Error('the gateway answered without the record');
        const lines = options.json
          ? [exportLine(record).trimEnd()]
          : [renderAuditRecord(record), ...renderAuditRecordInFull(record, policyInput)];
        for (const line of lines) await context.terminal.print(line);
        return 0;
      }),
    );
}
