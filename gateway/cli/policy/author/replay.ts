// Owns `countersign audit replay`: a recorded decision, judged again by the very bundle that decided, and compared byte by byte.
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { decisionsInFile } from '../../../authoring/backtest/decision-file.ts';
import { canonicalJson } from '../../../core/canonical-json.ts';
import type { Verdict } from '../../../core/decision/decision.ts';
import { replacedVerdict, verdictSha256 } from '../../../core/decision/gateway-verdict.ts';
import { verdictJson } from '../../../core/decision/verdict-json.ts';
import { printable } from '../../../core/explanation/printable.ts';
import { readArchive } from '../../../policy/bundle/read-archive.ts';
import { readBundle } from '../../../policy/bundle/read-bundle.ts';
import type { LoggedDecision } from '../../../policy/decision-log/decision-line.ts';
import { generationOf } from '../../../policy/evaluation/open-generation.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../../context.ts';
import { type ExitCode, UsageError } from '../../exit.ts';
import { downloadBundle } from '../download-bundle.ts';
import { recordedRequest } from './recorded-request.ts';

interface ReplayOptions extends ConnectOptions {
  readonly bundle?: string;
  readonly decisions?: string;
}

export function addAuditReplay(audit: Command, context: CliContext): void {
  connectOptions(audit.command('replay'))
    .description('judge a recorded request again by the bundle that decided; exit 1 where the decision is another')
    .argument('<request-id>')
    .option('--decisions <file>', 'what `policy decisions` wrote, instead of a gateway; with --bundle')
    .option('--bundle <file>', 'the archive of the revision, as `policy pull` writes it; with --decisions')
    .action((requestId: string, options: ReplayOptions) => {
      const { decisions, bundle } = options;
      if (decisions === undefined && bundle === undefined) {
        return context.withGateway(options, async (gateway) => {
          const recorded = await recordedRequest(gateway, requestId);
          return replay(context, recorded, await downloadBundle(gateway, recorded.bundleRevision));
        });
      }
      return context.run(async () => {
        if (decisions === undefined || bundle === undefined) {
          throw new UsageError('--decisions and --bundle go together; without both the gateway is asked');
        }
        return replay(context, await fromFile(decisions, requestId), await readFile(bundle));
      });
    });
}

async function fromFile(file: string, requestId: string): Promise<LoggedDecision> {
  for await (const decision of decisionsInFile(file)) if (decision.requestId === requestId) return decision;
  throw new Error(`${file} has no decision about request ${requestId}`);
}

async function replay({ terminal }: CliContext, recorded: LoggedDecision, archive: Uint8Array): Promise<ExitCode> {
  const { requestId, bundleRevision, verdict, input } = recorded;
  const policy = await generationOf(readBundle(readArchive(archive, 'the bundle'), 'the bundle'));
  if (policy.bundleRevision !== bundleRevision) {
    const found = printable(policy.bundleRevision);
    throw new UsageError(`the bundle is revision ${found}; revision ${printable(bundleRevision)} decided`);
  }
  const replayed = policy.evaluate(input);
  const was = canonicalJson(verdictJson(verdict));
  const is = canonicalJson(verdictJson(replayed));
  const request = printable(requestId);
  const revision = printable(bundleRevision);
  if (was === is) {
    await terminal.print(`request ${request}: ${kindText(verdict)} again, byte by byte, by revision ${revision}`);
    return 0;
  }
  if (replacedVerdict(verdict) === verdictSha256(replayed)) {
    await terminal.print(
      `request ${request}: the policy says ${kindText(replayed)} again, byte by byte, by revision ${revision}`,
    );
    const codes = verdict.reasons.filter(({ rule }) => rule === 'gateway').map(({ code }) => printable(code));
    await terminal.print(`  ${kindText(verdict)} by the gateway, which added ${codes.join(', ')}`);
    return 0;
  }
  await terminal.print(`request ${request}: ANOTHER DECISION by revision ${revision}`);
  await terminal.print(`  recorded  ${printable(was)}`);
  await terminal.print(`  replayed  ${printable(is)}`);
  return 1;
}

function kindText({ kind }: Verdict): string {
  return kind.replace('_', ' ');
}
