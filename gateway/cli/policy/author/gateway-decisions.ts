// Owns how commands ask a gateway for recorded decisions: which period, whose, one by one.
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { Command } from 'commander';
import { PolicyService } from '../../../../proto/gen/countersign/v1/policy_pb.ts';
import type { LoggedDecision } from '../../../policy/decision-log/decision-line.ts';
import type { Connection } from '../../connection.ts';
import { UsageError } from '../../exit.ts';
import { refuseStrangeNames } from '../../strange-names.ts';
import { decisionRecord } from './decision-messages.ts';

export interface PeriodOptions {
  readonly from?: string;
  readonly to?: string;
  readonly agent?: string;
  readonly wallet?: string;
}

export function periodOptions(command: Command): Command {
  return command
    .option('--from <time>', 'decisions from then on: 2026-01-31 or 2026-01-31T12:00:00Z')
    .option('--to <time>', 'decisions before then')
    .option('--agent <id>', 'of this agent only')
    .option('--wallet <id>', 'of this wallet only');
}

/** In order of time. */
export async function* decisionsOf(gateway: Connection, options: PeriodOptions): AsyncIterable<LoggedDecision> {
  const { from, to, agent = '', wallet = '' } = options;
  const asked = {
    agent,
    wallet,
    ...(from === undefined ? {} : { startTime: timestampFromMs(timeOf('--from', from)) }),
    ...(to === undefined ? {} : { endTime: timestampFromMs(timeOf('--to', to)) }),
  };
  let found = 0;
  for await (const { decisions } of gateway.stream(PolicyService.method.streamDecisions, asked)) {
    found += decisions.length;
    for (const recorded of decisions) yield decisionRecord(recorded);
  }
  if (found === 0) await refuseStrangeNames(gateway, options);
}

const TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;

function timeOf(option: string, text: string): number {
  const time = TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) {
    throw new UsageError(
      `${option} must be a date or a time with its zone, such as 2026-01-31T12:00:00Z; found ${text}`,
    );
  }
  return time;
}
