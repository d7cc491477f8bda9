// Owns `countersign policy shadow`: a revision that judges beside the active one, and what it would have decided otherwise.
import { toJson } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import type { Command } from 'commander';
import { type Reason, Verdict } from '../../../../proto/gen/countersign/v1/decision_pb.ts';
import {
  DecisionDifference,
  type DifferenceSample,
  type GetShadowReportResponse,
  GetShadowReportResponseSchema,
  PolicyService,
} from '../../../../proto/gen/countersign/v1/policy_pb.ts';
import { DIFFERENCES } from '../../../core/decision/difference.ts';
import type { AssetUnits } from '../../../core/explanation/amounts.ts';
import { DIFFERENCE_NAMES, exposureText } from '../../../core/explanation/difference-text.ts';
import { printable } from '../../../core/explanation/printable.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../../context.ts';
import { UsageError } from '../../exit.ts';
import { renderTable } from '../../render-table.ts';

const { method } = PolicyService;

/** A replica starts it on its own, and may find that it cannot. */
export const WHERE = '`countersign policy status` says which replicas do, and `policy shadow report` what they found';

/** A shadow counts amounts, and is not told the decimals of their tokens. */
const UNITS_NOT_TOLD: AssetUnits = new Map();

interface ReportOptions extends ConnectOptions {
  readonly samples: string;
  readonly json?: true;
}

export function addShadowCommands(policy: Command, context: CliContext): void {
  const { terminal } = context;
  const shadow = policy.command('shadow').description('a revision that judges beside the active one, without effect');
  connectOptions(shadow.command('set'))
    .description('let a kept revision judge what the active one judges')
    .argument('<revision>')
    .action((revision: string, options: ConnectOptions) =>
      context.withGateway(options, async (gateway) => {
        await gateway.unary(method.setShadow, { revision });
        await terminal.print(`revision ${printable(revision)} is to judge beside the active one; ${WHERE}`);
        return 0;
      }),
    );
  connectOptions(shadow.command('off'))
    .description('end it')
    .action((options: ConnectOptions) =>
      context.withGateway(options, async (gateway) => {
        await gateway.unary(method.setShadow, {});
        await terminal.print('nothing judges beside the active revision');
        return 0;
      }),
    );
  connectOptions(shadow.command('report'))
    .description('where it would have decided otherwise: newly denied, newly allowed, and how much that was')
    .option('--samples <n>', 'how many single decisions, at most 500', '20')
    .option('--json', 'as JSON')
    .action((options: ReportOptions) => report(context, options));
}

function report(context: CliContext, options: ReportOptions): Promise<void> {
  const { terminal } = context;
  return context.withGateway(options, async (gateway) => {
    const samples = Number(options.samples);
    if (!Number.isInteger(samples) || samples < 1 || samples > 500) {
      throw new UsageError(`--samples must be an integer from 1 to 500; found ${options.samples}`);
    }
    const found = await gateway.unary(method.getShadowReport, { samples });
    const lines = options.json ? [JSON.stringify(toJson(GetShadowReportResponseSchema, found))] : reportLines(found);
    for (const line of lines) await terminal.print(line);
    return 0;
  });
}

function reportLines(found: GetShadowReportResponse): readonly string[] {
  const { activeRevision, shadowRevision, startTime, judged, skipped, failed, differences, samples } = found;
  const since = startTime === undefined ? 'a time that is not known' : timestampDate(startTime).toISOString();
  const rows = differences.flatMap(({ difference, decisions, exposure }) => [
    [differenceName(difference), String(decisions), exposureText(exposure, UNITS_NOT_TOLD)],
  ]);
  return [
    `Revision ${printable(shadowRevision)} beside ${printable(activeRevision)}, since ${since}`,
    `  judged by both ${judged}, skipped for want of time ${skipped}, failed ${failed}`,
    ...(rows.length === 0
      ? ['  no decision would have been another']
      : renderTable(['DIFFERENCE', 'DECISIONS', 'LEAVES THE WALLETS'], rows)),
    ...samples.flatMap(sampleLines),
  ];
}

function sampleLines(sample: DifferenceSample): readonly string[] {
  const { time, requestId, agent, wallet, difference, activeVerdict, shadowVerdict } = sample;
  const when = time === undefined ? '' : timestampDate(time).toISOString();
  return [
    `${when} ${differenceName(difference)}: agent ${printable(agent)}, wallet ${printable(wallet)}, request ${printable(requestId)}`,
    ...verdictLines('active', activeVerdict, sample.activeReasons),
    ...verdictLines('shadow', shadowVerdict, sample.shadowReasons),
  ];
}

function verdictLines(who: string, verdict: Verdict, reasons: readonly Reason[]): readonly string[] {
  const name =
    Object.entries(Verdict)
      .find(([, value]) => value === verdict)?.[0]
      ?.toLowerCase() ?? 'unknown';
  // Why something is allowed is no news.
  const shown = verdict === Verdict.ALLOW ? [] : reasons;
  return [`  ${who}: ${name}`, ...shown.map(({ code, message }) => `    ${printable(code)}: ${printable(message)}`)];
}

function differenceName(difference: DecisionDifference): string {
  const wire = Object.entries(DecisionDifference).find(([, value]) => value === difference)?.[0];
  const known = DIFFERENCES.find((name) => name.toUpperCase() === wire);
  return known === undefined ? `unknown difference ${String(difference)}` : DIFFERENCE_NAMES[known];
}
