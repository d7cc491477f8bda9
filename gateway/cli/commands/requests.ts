// Owns `countersign requests`: what was asked of the gateway, and where it stands.
import { toJson } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { Command } from 'commander';
import { OperationsService } from '../../../proto/gen/countersign/v1/operations_pb.ts';
import { type SigningRequest, SigningRequestSchema } from '../../../proto/gen/countersign/v1/signing_pb.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../context.ts';
import { UsageError } from '../exit.ts';
import { renderTable } from '../render-table.ts';
import { requestStateName } from '../request-state-name.ts';
import { REQUEST_HEADER, renderRequest, requestRow, requestStateOf, timeText } from '../request-text.ts';
import { refuseStrangeNames } from '../strange-names.ts';

const { method } = OperationsService;
const MAX_PAGE = 200;
const DEFAULT_LIMIT = 50;
const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

interface ListOptions extends ConnectOptions {
  readonly agent?: string;
  readonly wallet?: string;
  readonly state?: readonly string[];
  readonly since?: string;
  readonly limit?: string;
  readonly json?: true;
}

interface ShowOptions extends ConnectOptions {
  readonly json?: true;
}

export function addRequestCommands(program: Command, context: CliContext): void {
  const requests = program.command('requests').description('what was asked, and where it stands');
  connectOptions(requests.command('list'))
    .description('requests of all agents, the newest first')
    .option('--agent <id>', 'only of this agent')
    .option('--wallet <id>', 'only for this wallet')
    .option('--state <state...>', 'only in these states, such as denied, awaiting_approval or indeterminate')
    .option('--since <time>', 'asked within 30m, 24h or 7d, or since an ISO time')
    .option('--limit <n>', `at most so many (${DEFAULT_LIMIT})`)
    .option('--json', 'one JSON document a line')
    .action((options: ListOptions) => list(context, options));
  connectOptions(requests.command('show'))
    .description('one request: who asked, what the policy said, and what it does')
    .argument('<request-id>')
    .option('--json', 'as JSON')
    .action((requestId: string, options: ShowOptions) => show(context, requestId, options));
  connectOptions(requests.command('watch'))
    .description('one request until it is final: a line for each state')
    .argument('<request-id>')
    .action((requestId: string, options: ConnectOptions) => watch(context, requestId, options));
}

function list(context: CliContext, options: ListOptions): Promise<void> {
  const { terminal } = context;
  return context.withGateway(options, async (gateway) => {
    const filter = {
      agent: options.agent ?? '',
      wallet: options.wallet ?? '',
      states: (options.state ?? []).map(requestStateOf),
      ...(options.since === undefined ? {} : { since: timestampFromMs(sinceOf(options.since, terminal.now())) }),
    };
    const most = limitOf(options.limit);
    const found: SigningRequest[] = [];
    let pageToken = '';
    do {
      const pageSize = Math.min(MAX_PAGE, most - found.length);
      const page = await gateway.unary(method.listRequests, { filter, pageSize, pageToken });
      found.push(...page.requests);
      pageToken = page.nextPageToken;
    } while (pageToken !== '' && found.length < most);
    if (found.length === 0) await refuseStrangeNames(gateway, options);
    if (options.json) {
      for (const request of found) await terminal.print(JSON.stringify(toJson(SigningRequestSchema, request)));
      return 0;
    }
    const lines = found.length === 0 ? ['no such request'] : renderTable(REQUEST_HEADER, found.map(requestRow));
    for (const line of lines) await terminal.print(line);
    if (pageToken !== '') terminal.warn(`there are more; --limit shows more than ${most}`);
    return 0;
  });
}

function show(context: CliContext, requestId: string, options: ShowOptions): Promise<void> {
  return context.withGateway(options, async (gateway) => {
    const { request, policyInput } = await gateway.unary(method.getRequest, { requestId });
    if (request === undefined) throw new Error('the gateway answered without the request');
    const lines = options.json
      ? [JSON.stringify(toJson(SigningRequestSchema, request))]
      : renderRequest(request, policyInput);
    for (const line of lines) await context.terminal.print(line);
    return 0;
  });
}

function watch(context: CliContext, requestId: string, options: ConnectOptions): Promise<void> {
  const { terminal } = context;
  return context.withGateway(options, async (gateway) => {
    for await (const { request } of gateway.stream(method.watchRequest, { requestId })) {
      if (request === undefined) continue;
      const { state, slot, error } = request;
      const facts = [slot === 0n ? '' : `slot ${slot}`, error].filter((fact) => fact !== '');
      for (const line of renderTable([timeText(request.updateTime), requestStateName(state), facts.join(', ')], []))
        await terminal.print(line);
    }
    return 0;
  });
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIMIT;
  if (/^[1-9][0-9]{0,5}$/.test(text)) return Number(text);
  throw new UsageError(`--limit is a number from 1 to 999999; not ${text}`);
}

function sinceOf(text: string, now: number): number {
  const [, count = '', unit = ''] = /^([1-9][0-9]{0,5})([mhd])$/.exec(text) ?? [];
  const time = count === '' ? Date.parse(text) : now - Number(count) * (UNIT_MS[unit] ?? 0);
  if (Number.isNaN(time)) throw new UsageError(`--since is such as 30m, 24h, 7d or 2026-11-21T10:00:00Z; not ${text}`);
  return Math.max(0, time);
}
