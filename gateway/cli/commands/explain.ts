// Owns `countersign explain`: what a transaction would do and what the policy says of it, before anybody signs; or what was judged.
import { readFile, stat } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Decision } from '../../../proto/gen/countersign/v1/decision_pb.ts';
import { SigningService } from '../../../proto/gen/countersign/v1/signing_pb.ts';
import { decodeBase58 } from '../../core/base58.ts';
import { explainPolicyInput } from '../../core/explanation/explain-policy-input.ts';
import type { Connection } from '../connection.ts';
import { agentConnectOptions, type CliContext, type ConnectOptions } from '../context.ts';
import { decisionLines } from '../decision-text.ts';
import { UsageError } from '../exit.ts';

const { method } = SigningService;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const TEXT = /^[\x20-\x7e\s]+$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const NOTHING_KNOWN = 'the argument is neither a file that exists nor base64, a request id or a signature';
/** Of a v1 transaction, in base64, and then some white space. */
const LARGEST_FILE = 16 * 1024;

interface ExplainOptions extends ConnectOptions {
  readonly wallet?: string;
  readonly setFreshBlockhash?: true;
  readonly json?: true;
}

export function addExplainCommand(program: Command, context: CliContext): void {
  agentConnectOptions(program.command('explain'))
    .description('what a transaction would do and what the policy says of it; nothing is signed or recorded')
    .argument('<transaction>', 'base64, a file with the bytes or their base64, or a request id or signature of yours')
    .option('--wallet <id>', 'wallet that would sign; needed where the agent may use several')
    .option(
      '--set-fresh-blockhash',
      'judge it with a fresh blockhash, as the option of the same name in a call does; a simulation fails with an old one (BlockhashNotFound)',
    )
    .option('--json', 'the policy input document, exactly as it is judged')
    .action((argument: string, options: ExplainOptions) => explain(context, argument, options));
}

function explain(context: CliContext, argument: string, options: ExplainOptions): Promise<void> {
  const { terminal } = context;
  return context.withDataPlane(options, async (gateway) => {
    const { policyInput, decision } = await judged(gateway, await subjectOf(argument), options);
    const lines = options.json
      ? [new TextDecoder().decode(policyInput)]
      : [...explainPolicyInput(policyInput), ...decisionLines(decision)];
    for (const line of lines) await terminal.print(line);
    return 0;
  });
}

type Subject =
  | { readonly kind: 'transaction'; readonly transaction: Uint8Array }
  | { readonly kind: 'recorded'; readonly by: { readonly requestId: string } | { readonly signature: string } };

interface Judged {
  readonly policyInput: Uint8Array;
  readonly decision?: Decision | undefined;
}

async function judged(gateway: Connection, subject: Subject, options: ExplainOptions): Promise<Judged> {
  if (subject.kind === 'recorded') {
    const { request, policyInput } = await gateway.unary(method.getTransaction, subject.by);
    return { policyInput, decision: request?.decision };
  }
  return gateway.unary(method.evaluateTransaction, {
    wallet: options.wallet ?? (await onlyWallet(gateway)),
    transaction: subject.transaction,
    setFreshBlockhash: options.setFreshBlockhash ?? false,
  });
}

async function onlyWallet(gateway: Connection): Promise<string> {
  const { wallets } = await gateway.unary(method.listWallets, {});
  const [first, second] = wallets;
  if (first === undefined) throw new UsageError('this agent may use no wallet');
  if (second === undefined) return first.wallet;
  throw new UsageError(`--wallet is needed, one of ${wallets.map(({ wallet }) => wallet).join(', ')}`);
}

async function subjectOf(argument: string): Promise<Subject> {
  if (UUID.test(argument)) return { kind: 'recorded', by: { requestId: argument } };
  if (decodeBase58(argument)?.length === 64) return { kind: 'recorded', by: { signature: argument } };
  const file = await stat(argument).catch(() => null);
  if (file?.isFile()) return { kind: 'transaction', transaction: await fromFile(argument, file.size) };
  // Both would pass for base64.
  if (file !== null) throw new UsageError(`${argument} is a directory, not a file with a transaction`);
  if (decodeBase58(argument)?.length === 32) throw new UsageError(`${argument} is an address, not a transaction`);
  return { kind: 'transaction', transaction: fromBase64(argument, NOTHING_KNOWN) };
}

async function fromFile(path: string, size: number): Promise<Uint8Array> {
  if (size > LARGEST_FILE) throw new UsageError(`${path} has ${size} bytes; a transaction has at most 4096`);
  const bytes = await readFile(path);
  const text = bytes.toString('latin1').trim();
  // A wire transaction never reads as text: it holds a count of signatures, and zeros.
  return TEXT.test(text)
    ? fromBase64(text, `${path} holds neither the bytes of a transaction nor their base64`)
    : bytes;
}

function fromBase64(text: string, problem: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64');
  if (!BASE64.test(text) || bytes.toString('base64').replace(/=+$/, '') !== text.replace(/=+$/, '')) {
    throw new UsageError(problem);
  }
  return bytes;
}
