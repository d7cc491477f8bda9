// Owns `countersign policy status` and `revisions`: which revision decides where, and which ones are kept.
import { toJson } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import type { Command } from 'commander';
import {
  BundleOrigin,
  type GetPolicyStatusResponse,
  GetPolicyStatusResponseSchema,
  type PolicyReplica,
  type PolicyRevision,
  PolicyRevisionSchema,
  PolicyService,
} from '../../../../proto/gen/countersign/v1/policy_pb.ts';
import { printable } from '../../../core/explanation/printable.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../../context.ts';
import { UsageError } from '../../exit.ts';
import { renderTable } from '../../render-table.ts';

const { method } = PolicyService;

const GONE_AFTER_MS = 30_000;

/** In place of a key's id, which has no space. */
const SIGNED_COMMIT = 'signed commit';

interface StatusOptions extends ConnectOptions {
  readonly json?: true;
}

interface ListOptions extends StatusOptions {
  readonly limit: string;
}

export function addStatusCommands(policy: Command, context: CliContext): void {
  connectOptions(policy.command('status'))
    .description('which revision decides on each replica; exit 1 where one has a problem')
    .option('--json', 'as JSON')
    .action((options: StatusOptions) => status(context, options));
  connectOptions(policy.command('revisions'))
    .description('revisions that are kept, the newest first')
    .option('--limit <n>', 'how many, at most 1000', '50')
    .option('--json', 'one JSON document a line')
    .action((options: ListOptions) => revisions(context, options));
}

function status(context: CliContext, options: StatusOptions): Promise<void> {
  const { terminal } = context;
  return context.withGateway(options, async (gateway) => {
    const found = await gateway.unary(method.getPolicyStatus, {});
    const lines = options.json
      ? [JSON.stringify(toJson(GetPolicyStatusResponseSchema, found))]
      : statusLines(found, terminal.now());
    for (const line of lines) await terminal.print(line);
    const now = terminal.now();
    return found.replicas.some((replica) => replica.problem !== '' && !isGone(replica, now)) ? 1 : 0;
  });
}

function statusLines(found: GetPolicyStatusResponse, now: number): readonly string[] {
  const { active, pinnedRevision, followedRevision, shadowRevision, source, replicas, chosenBy } = found;
  const brought = `not followed; it brought ${followedRevision === '' ? 'nothing' : `revision ${printable(followedRevision)}`} last`;
  const chooser = chosenBy === '' ? '' : `, by ${printable(chosenBy)}`;
  return [
    ...(active === undefined ? ['NO REVISION IS ACTIVE'] : revisionLines(active)),
    `  source     ${printable(source)}${pinnedRevision === '' ? '' : ` (${brought})`}`,
    `  pinned     ${pinnedRevision === '' ? 'no: the source chooses' : `${printable(pinnedRevision)}${chooser}`}`,
    `  shadow     ${shadowRevision === '' ? 'none' : printable(shadowRevision)}`,
    ...renderTable(
      ['REPLICA', 'REVISION', 'SHADOW', 'SEEN', 'PROBLEM'],
      replicas.map((replica) => replicaRow(replica, now)),
    ),
  ];
}

function revisionLines(active: PolicyRevision): readonly string[] {
  const { revision, gitCommit, buildTime } = active;
  return [
    `Revision ${printable(revision)} decides`,
    `  from       ${originText(active)}${gitCommit === '' ? '' : `, commit ${printable(gitCommit)}`}`,
    `  built      ${buildTime === undefined ? 'at a time that is not known' : timestampDate(buildTime).toISOString()}`,
    `  signed by  ${signerText(active)}`,
  ];
}

function signerText({ signedBy }: PolicyRevision): string {
  if (signedBy === '') return 'NOBODY';
  return signedBy === SIGNED_COMMIT ? 'its commit, of which the gateway built it' : `key ${printable(signedBy)}`;
}

function replicaRow(found: PolicyReplica, now: number): readonly string[] {
  const { replica, revision, shadowRevision, problem } = found;
  const seen = `${Math.round(silentMs(found, now) / 1000)} s ago`;
  return [replica, revision, shadowRevision, isGone(found, now) ? `gone, ${seen}` : seen, problem];
}

/** A replica reports every few seconds; one that has stopped stands in the list for an hour. */
function isGone(replica: PolicyReplica, now: number): boolean {
  return silentMs(replica, now) > GONE_AFTER_MS;
}

function silentMs({ seenTime }: PolicyReplica, now: number): number {
  return seenTime === undefined ? 0 : Math.max(0, now - timestampDate(seenTime).getTime());
}

function revisions(context: CliContext, options: ListOptions): Promise<void> {
  const { terminal } = context;
  return context.withGateway(options, async (gateway) => {
    const pageSize = Number(options.limit);
    if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > 1000) {
      throw new UsageError(`--limit must be an integer from 1 to 1000; found ${options.limit}`);
    }
    const { revisions: found } = await gateway.unary(method.listRevisions, { pageSize });
    const rows = found.map((one) => [
      one.revision,
      originText(one),
      one.gitCommit.slice(0, 12),
      one.storeTime === undefined ? '' : timestampDate(one.storeTime).toISOString(),
      one.firstActiveTime === undefined ? 'never' : timestampDate(one.firstActiveTime).toISOString(),
      one.signedBy === '' ? 'nobody' : one.signedBy,
    ]);
    const lines = options.json
      ? found.map((one) => JSON.stringify(toJson(PolicyRevisionSchema, one)))
      : renderTable(['REVISION', 'FROM', 'COMMIT', 'KEPT SINCE', 'FIRST ACTIVE', 'SIGNED BY'], rows);
    for (const line of lines) await terminal.print(line);
    return 0;
  });
}

function originText({ origin, pushedBy }: PolicyRevision): string {
  if (origin === BundleOrigin.PUSH) return `push by ${pushedBy}`;
  const name = Object.entries(BundleOrigin).find(([, value]) => value === origin)?.[0];
  return name?.toLowerCase() ?? `unknown origin ${String(origin)}`;
}
