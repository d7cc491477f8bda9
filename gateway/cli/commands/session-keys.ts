// Owns `countersign session-keys`: short-lived keys of agents that may do less than the agent.
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import type { Command } from 'commander';
import {
  type SessionKey,
  SessionKeyService,
  type SessionMaximumSchema,
  SessionMethod,
  type SessionTermsSchema,
} from '../../../proto/gen/countersign/v1/session_key_pb.ts';
import { printable } from '../../core/explanation/printable.ts';
import type { Connection } from '../connection.ts';
import { agentConnectOptions, type CliContext, type ConnectOptions, connectOptions } from '../context.ts';
import { UsageError } from '../exit.ts';
import { renderTable } from '../render-table.ts';
import { refuseStrangeNames } from '../strange-names.ts';
import { keepNewKey } from '../write-key.ts';

const { method } = SessionKeyService;

const METHODS: Readonly<Record<string, SessionMethod>> = {
  sign: SessionMethod.SIGN_TRANSACTION,
  'sign-and-send': SessionMethod.SIGN_AND_SEND_TRANSACTION,
  'sign-message': SessionMethod.SIGN_MESSAGE,
  evaluate: SessionMethod.EVALUATE_TRANSACTION,
};
const METHOD_NAMES = Object.keys(METHODS).join(', ');
const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

interface TermOptions extends ConnectOptions {
  readonly wallet: readonly string[];
  readonly method: readonly string[];
  readonly max?: readonly string[];
  readonly lifetime?: string;
  readonly output?: string;
}

interface ListOptions extends ConnectOptions {
  readonly agent?: string;
  readonly all?: true;
}

export function addSessionKeyCommands(program: Command, context: CliContext): void {
  const keys = program.command('session-keys').description('short-lived keys of agents that may do less');
  termOptions(connectOptions(keys.command('create')))
    .description('make a session key of an agent; it is shown once')
    .argument('<agent>')
    .action((agent: string, options: TermOptions) =>
      context.withGateway(options, (gateway) => create(context, gateway, agent, options)),
    );
  termOptions(agentConnectOptions(keys.command('derive')))
    .description('as an agent: make a key that comes from the one you call with, and is no wider')
    .action((options: TermOptions) =>
      context.withDataPlane(options, (gateway) => create(context, gateway, '', options)),
    );
  connectOptions(keys.command('list'))
    .description('what is valid, and what each may do')
    .option('--agent <id>', 'only of this agent')
    .option('--all', 'expired and revoked ones too')
    .action((options: ListOptions) => list(context, options));
  connectOptions(keys.command('revoke'))
    .description('make a session key, and all that come from it, useless within a second, for good')
    .argument('<key-id>')
    .action((keyId: string, options: ConnectOptions) => revoke(context, keyId, options));
}

function termOptions(command: Command): Command {
  return command
    .requiredOption('--wallet <id...>', 'wallets that it may use')
    .requiredOption('--method <name...>', `what it may ask for: ${METHOD_NAMES}`)
    .option(
      '--max <measure=amount...>',
      'most over its whole life, in base units: outflow:SOL=…, outflow:<mint>=…, fee=…, rent=…, count=…',
    )
    .option('--lifetime <time>', 'such as 90s, 15m or 8h; else as long as may be')
    .option('--output <file>', 'write it to a new file that only its owner can read, instead of stdout');
}

async function create(context: CliContext, gateway: Connection, agent: string, options: TermOptions): Promise<0> {
  const terms = termsOf(options);
  await keepNewKey(context.terminal, options.output, async () => {
    const { key, secret } = await gateway.unary(method.createSessionKey, { principal: agent, terms });
    return { keyId: key?.keyId ?? '', owner: key?.principal ?? agent, secret };
  });
  return 0;
}

function list(context: CliContext, { agent = '', all = undefined, ...options }: ListOptions): Promise<void> {
  return context.withGateway(options, async (gateway) => {
    const request = { principal: agent, includeEnded: all === true };
    const { keys } = await gateway.unary(method.listSessionKeys, request);
    if (keys.length === 0) await refuseStrangeNames(gateway, { agent: agent || undefined });
    const header = ['KEY', 'AGENT', 'FROM', 'WALLETS', 'MAY', 'AT MOST', 'STATE'];
    const rows = keys.map((key) => rowOf(key, context.terminal.now()));
    for (const line of keys.length === 0 ? ['there is no session key'] : renderTable(header, rows)) {
      await context.terminal.print(line);
    }
    return 0;
  });
}

function revoke(context: CliContext, keyId: string, options: ConnectOptions): Promise<void> {
  return context.withGateway(options, async (gateway) => {
    const { key } = await gateway.unary(method.revokeSessionKey, { keyId });
    const owner = printable(key?.principal ?? '');
    await context.terminal.print(`revoked ${printable(key?.keyId ?? keyId)} of ${owner}, with all that come from it`);
    return 0;
  });
}

function termsOf({
  wallet,
  method: methods,
  max = [],
  lifetime,
}: TermOptions): MessageInitShape<typeof SessionTermsSchema> {
  return {
    wallets: [...wallet],
    methods: methods.map((name) => {
      const found = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
      if (found === undefined) throw new UsageError(`--method is among ${METHOD_NAMES}; not ${name}`);
      return found;
    }),
    maxima: max.map(maximumOf),
    lifetimeSeconds: lifetime === undefined ? 0 : secondsOf(lifetime),
  };
}

function maximumOf(text: string): MessageInitShape<typeof SessionMaximumSchema> {
  const [, measure = '', max = ''] = /^([^=]+)=([0-9]+)$/.exec(text) ?? [];
  if (measure === 'fee' || measure === 'rent' || measure === 'count')
    return { measure: { case: measure, value: {} }, max };
  const asset = /^outflow:(.+)$/.exec(measure)?.[1];
  if (asset !== undefined) return { measure: { case: 'outflow', value: { asset } }, max };
  throw new UsageError(`--max is outflow:<SOL or mint>, fee, rent or count, then = and an integer; not ${text}`);
}

function secondsOf(text: string): number {
  const [, count = '', unit = ''] = /^([1-9][0-9]{0,6})([smh])$/.exec(text) ?? [];
  const seconds = Number(count) * (UNIT_SECONDS[unit] ?? 0);
  if (seconds === 0) throw new UsageError(`--lifetime is such as 90s, 15m or 8h; not ${text}`);
  return seconds;
}

function rowOf(key: SessionKey, now: number): readonly string[] {
  const names = Object.entries(METHODS).filter(([, value]) => key.methods.includes(value));
  return [
    key.keyId,
    key.principal,
    key.lineage.at(-1) ?? 'operator',
    key.wallets.join(', '),
    names.map(([name]) => name).join(', '),
    // The id of such a limit ends with what it measures.
    key.limits.map(({ id, max }) => `${id.split('/').at(-1)}=${max}`).join(', '),
    stateText(key, now),
  ];
}

function stateText({ expireTime, revokeTime }: SessionKey, now: number): string {
  if (revokeTime !== undefined) return `revoked ${timestampDate(revokeTime).toISOString()}`;
  if (expireTime === undefined) return 'time of expiry NOT KNOWN';
  const until = timestampDate(expireTime);
  return `${until.getTime() > now ? 'valid until' : 'expired'} ${until.toISOString()}`;
}
