// Owns a fake Kora 2.0.5: strict about credentials and parameters, signs its own slot only, and misbehaves on request.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { encodeBase58 } from '../../../relayer/base58.ts';
import { isRecord, parseExactJson } from '../../../relayer/json-exact.ts';
import { privateKeyFromSeed, publicKeyBytes } from '../../../signers/ed25519-key.ts';
import { misbehave, signedAnswer } from './answers.ts';
import type { KoraMisbehaviour } from './misbehaviour.ts';
import { KoraDenial, type KoraValidation, readTransaction, validate } from './rules.ts';

const MAX_TIMESTAMP_AGE_S = 300;

/** What getConfig of a real one answered, as examples/kora/kora.toml configures it. */
const RECORDED_CONFIG = recordedConfig();

export interface FakeKoraOptions {
  /** 32 bytes of a fee payer's secret each; the first is named first, and each call names the next. */
  readonly seeds: readonly [Uint8Array, ...Uint8Array[]];
  /** `null`: none is asked for. */
  readonly apiKey: string | null;
  readonly hmacSecret: string | null;
  /** What a simulation of the message fails with, in the node's words; default: nothing. */
  readonly simulate?: (messageBytes: Uint8Array) => string | null;
  /** Unix milliseconds; default: the clock. */
  readonly now?: () => number;
  /** Default: a free one. */
  readonly port?: number;
}

export interface FakeKora {
  readonly url: string;
  readonly feePayers: readonly string[];
  /** What was asked of it, with the methods that it refused; oldest first. */
  readonly calls: readonly ReceivedCall[];
  /** Signatures that it made. */
  readonly signatures: () => number;
  /** The next `times` calls of signTransaction go wrong so; `null`: none any more. */
  misbehave(how: KoraMisbehaviour | null, times?: number): void;
  /** Takes no connections until `rise`. */
  fall(): Promise<void>;
  rise(): Promise<void>;
  close(): Promise<void>;
}

export interface ReceivedCall {
  readonly method: string;
  readonly params: unknown;
  readonly headers: Readonly<IncomingMessage['headers']>;
}

export async function startFakeKora(options: FakeKoraOptions): Promise<FakeKora> {
  const keys = options.seeds.map((seed) => {
    const key = privateKeyFromSeed(seed);
    return { key, address: encodeBase58(publicKeyBytes(key)) };
  });
  const calls: ReceivedCall[] = [];
  const fault: { how: KoraMisbehaviour | null; times: number } = { how: null, times: 0 };
  let signatures = 0;
  let next = 0;

  const signTransaction = (params: unknown): unknown => {
    const { transaction: text, signer_key: wanted } = signParams(params);
    const transaction = readTransaction(text);
    const signer = wanted === undefined ? keys[next++ % keys.length] : keys.find(({ address }) => address === wanted);
    if (signer === undefined) throw new KoraDenial(`Validation error: Signer with pubkey ${wanted} not found in pool`);
    const failure = options.simulate?.(transaction.messageBytes) ?? null;
    if (failure !== null) throw new KoraDenial(`Invalid transaction: Transaction simulation failed: ${failure}`);
    validate(transaction, signer.address, validationOf());
    signatures++;
    return signedAnswer(transaction, signer, 'right');
  };
  const methods: Readonly<Record<string, (params: unknown) => unknown>> = {
    liveness: () => null,
    getPayerSigner: () => {
      const { address } = keys[next++ % keys.length] ?? { address: '' };
      return { signer_address: address, payment_address: address };
    },
    getConfig: () => ({ ...record(RECORDED_CONFIG), fee_payers: keys.map(({ address }) => address) }),
    signTransaction,
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const call = parsed(body);
    const method = typeof call?.method === 'string' ? call.method : '';
    calls.push({ method, params: call?.params, headers: request.headers });
    if (!Object.hasOwn(methods, method)) return empty(response, 405);
    if (method !== 'liveness' && !mayCall(request, body, options)) return empty(response, 401);
    if (!/^application\/json/.test(request.headers['content-type'] ?? '')) return empty(response, 415);
    const run = () => methods[method]?.(call?.params);
    if (method === 'signTransaction' && fault.how !== null && fault.times > 0) {
      fault.times--;
      return misbehave(fault.how, { request, response, id: call?.id, params: call?.params, run, keys });
    }
    answer(response, call?.id, run);
  };
  const server = createServer((request, response) => void serve(request, response));
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const fall = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  await listen(options.port ?? 0);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the fake does not listen');
  return {
    url: `http://127.0.0.1:${address.port}`,
    feePayers: keys.map((each) => each.address),
    calls,
    signatures: () => signatures,
    misbehave: (how, times = Number.POSITIVE_INFINITY) => Object.assign(fault, { how, times }),
    fall,
    rise: () => listen(address.port),
    close: () => (server.listening ? fall() : Promise.resolve()),
  };
}

/** Answers are those of jsonrpsee: version, result or error, id. */
function answer(response: ServerResponse, id: unknown, run: () => unknown): void {
  const send = (content: object) => {
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify({ jsonrpc: '2.0', ...content, id }));
  };
  try {
    send({ result: run() });
  } catch (error) {
    if (error instanceof KoraDenial) send({ error: { code: -32000, message: error.message } });
    else if (error instanceof InvalidParams) send({ error: { code: -32602, message: error.message } });
    else throw error;
  }
}

class InvalidParams extends Error {}

interface SignParams {
  readonly transaction: string;
  readonly signer_key: string | undefined;
}

function signParams(params: unknown): SignParams {
  const { transaction, signer_key, sig_verify = false, ...rest } = record(params);
  if (typeof transaction !== 'string') throw new InvalidParams('missing field `transaction` at line 1 column 2');
  if (signer_key !== undefined && typeof signer_key !== 'string') throw new InvalidParams('invalid type of signer_key');
  if (typeof sig_verify !== 'boolean') throw new InvalidParams('invalid type of sig_verify');
  // The real one ignores what it does not know; whoever sends it means something that does not happen.
  if (Object.keys(rest).length > 0) throw new InvalidParams(`unknown parameters: ${Object.keys(rest).join(', ')}`);
  return { transaction, signer_key };
}

function mayCall({ headers }: IncomingMessage, body: string, { apiKey, hmacSecret, now = Date.now }: FakeKoraOptions) {
  if (apiKey !== null && headers['x-api-key'] !== apiKey) return false;
  if (hmacSecret === null) return true;
  const { 'x-timestamp': timestamp, 'x-hmac-signature': signature } = headers;
  if (typeof timestamp !== 'string' || typeof signature !== 'string' || !/^-?\d+$/.test(timestamp)) return false;
  if (Math.abs(Math.floor(now() / 1000) - Number(timestamp)) > MAX_TIMESTAMP_AGE_S) return false;
  const right = createHmac('sha256', hmacSecret).update(`${timestamp}${body}`).digest();
  const given = Buffer.from(signature, 'hex');
  return given.length === right.length && timingSafeEqual(given, right);
}

function recordedConfig(): unknown {
  const recorded: unknown = JSON.parse(readFileSync(join(import.meta.dirname, 'exchanges.json'), 'utf8'));
  const exchanges = Array.isArray(recorded) ? recorded.map(record) : [];
  const shown = exchanges.find(({ name }) => name === 'it shows its configuration');
  return record(JSON.parse(String(record(shown?.reply).body))).result;
}

function validationOf(): KoraValidation {
  const { max_allowed_lamports, max_signatures, allowed_programs, disallowed_accounts } = record(
    record(RECORDED_CONFIG).validation_config,
  );
  return {
    max_allowed_lamports: Number(max_allowed_lamports),
    max_signatures: Number(max_signatures),
    allowed_programs: texts(allowed_programs),
    disallowed_accounts: texts(disallowed_accounts),
  };
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

function parsed(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const call = parseExactJson(body);
    return isRecord(call) ? call : undefined;
  } catch {
    return undefined;
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

function empty(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-length': 0 }).end();
}
