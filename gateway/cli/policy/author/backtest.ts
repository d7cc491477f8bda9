// Owns `countersign policy backtest`: what another policy would have decided about recorded inputs.
import type { Command } from 'commander';
import { type Backtest, createBacktest } from '../../../authoring/backtest/backtest.ts';
import { type BacktestBounds, crossedBounds } from '../../../authoring/backtest/bounds.ts';
import { decisionsInFile } from '../../../authoring/backtest/decision-file.ts';
import { renderBacktest } from '../../../authoring/backtest/render-backtest.ts';
import { openBundle } from '../../../authoring/open-bundle.ts';
import type { LoggedDecision } from '../../../policy/decision-log/decision-line.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../../context.ts';
import { type ExitCode, UsageError } from '../../exit.ts';
import { decisionsOf, type PeriodOptions, periodOptions } from './gateway-decisions.ts';

interface BacktestOptions extends ConnectOptions, PeriodOptions {
  readonly decisions?: string;
  readonly samples: string;
  readonly maxNewlyDenied?: string;
  readonly maxNewlyAllowed?: string;
  readonly maxNewlyAsked?: string;
  readonly maxNewlyAllowedExposure?: readonly string[];
}

const PROGRESS_EVERY = 10_000;

export function addBacktestCommand(policy: Command, context: CliContext): void {
  periodOptions(connectOptions(policy.command('backtest')))
    .description(
      'what a bundle would have decided about recorded requests, limits over time counted; exit 1 where a bound is crossed',
    )
    .argument('<bundle>', "a bundle's archive or directory, or a policy repository")
    .option('--decisions <file>', 'what `policy decisions` wrote; without it the gateway is asked')
    .option(
      '--samples <n>',
      'how many decisions of each difference, and of each limit that is exceeded, are shown',
      '5',
    )
    .option('--max-newly-denied <n>', 'bound on decisions that would be denied now')
    .option('--max-newly-allowed <n>', 'bound on decisions that would be allowed now')
    .option('--max-newly-asked <n>', 'bound on decisions that would need approval now')
    .option(
      '--max-newly-allowed-exposure <asset=amount...>',
      'bound on what decisions that would be allowed now let leave: base units of an asset',
    )
    .action((bundle: string, options: BacktestOptions) => run(context, bundle, options));
}

function run(context: CliContext, bundle: string, options: BacktestOptions): Promise<void> {
  const { decisions } = options;
  if (decisions === undefined) {
    return context.withGateway(options, (gateway) => backtest(context, bundle, options, decisionsOf(gateway, options)));
  }
  if (options.from ?? options.to ?? options.agent ?? options.wallet) {
    return context.run(async () => {
      throw new UsageError('--from, --to, --agent and --wallet ask a gateway; a file of decisions is read whole');
    });
  }
  return context.run(() => backtest(context, bundle, options, decisionsInFile(decisions)));
}

async function backtest(
  { terminal }: CliContext,
  bundle: string,
  options: BacktestOptions,
  decisions: AsyncIterable<LoggedDecision>,
): Promise<ExitCode> {
  const bounds = boundsOf(options);
  const samples = countOf('--samples', options.samples) ?? 0;
  const policy = await openBundle(bundle);
  const test = createBacktest(policy, samples);
  const started = performance.now();
  const judged = await judgeAll(test, decisions, (count) => terminal.warn(`${count} decisions judged`));
  if (judged === 0) throw new Error('no decision was recorded there: nothing was tested');
  const seconds = (performance.now() - started) / 1000;
  terminal.warn(`revision ${policy.bundleRevision}: ${judged} decisions in ${seconds.toFixed(1)} s`);
  const result = test.result();
  for (const line of renderBacktest(result)) await terminal.print(line);
  const crossed = crossedBounds(result, bounds);
  for (const line of crossed) terminal.warn(`countersign: ${line}`);
  return crossed.length === 0 ? 0 : 1;
}

async function judgeAll(
  test: Backtest,
  decisions: AsyncIterable<LoggedDecision>,
  progress: (count: number) => void,
): Promise<number> {
  let count = 0;
  for await (const decision of decisions) {
    test.add(decision);
    count += 1;
    if (count % PROGRESS_EVERY === 0) progress(count);
  }
  return count;
}

function boundsOf(options: BacktestOptions): BacktestBounds {
  const exposure = (options.maxNewlyAllowedExposure ?? []).map((text) => {
    const [, asset, amount] = /^([1-9A-HJ-NP-Za-km-z]{32,44}|SOL)=(\d{1,30})$/.exec(text) ?? [];
    if (asset === undefined || amount === undefined) {
      throw new UsageError(
        `--max-newly-allowed-exposure must be <asset>=<base units>, such as SOL=1000000000; found ${text}`,
      );
    }
    return [asset, BigInt(amount)] as const;
  });
  return {
    newlyDenied: countOf('--max-newly-denied', options.maxNewlyDenied),
    newlyAllowed: countOf('--max-newly-allowed', options.maxNewlyAllowed),
    newlyAsked: countOf('--max-newly-asked', options.maxNewlyAsked),
    newlyAllowedExposure: Object.fromEntries(exposure),
  };
}

function countOf(option: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^\d{1,12}$/.test(text)) throw new UsageError(`${option} must be a whole number; found ${text}`);
  return Number(text);
}
