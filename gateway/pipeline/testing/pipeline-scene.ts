// Owns a pipeline for tests: a real record and a real key, with a chain, a relayer and a policy that say what the test wrote down.
import { generateKeyPairSync, sign as signWith } from 'node:crypto';
import type { Address } from '@solana/kit';
import type { Signer } from '../../../signers/signer.ts';
import { verifySignature } from '../../../signers/verify.ts';
import { solTransfer } from '../../../tour/transactions.ts';
import { addressFromBytes } from '../../core/base58.ts';
import type { Verdict } from '../../core/decision/decision.ts';
import type { Agent, Operator } from '../../core/principal/principal.ts';
import { NOTHING_DESCRIBED } from '../../core/transaction/programs/decode-instruction.ts';
import type { RequestRecord } from '../../state/contract/request-store.ts';
import type { State } from '../../state/contract/state.ts';
import { openState } from '../../state/open-state.ts';
import { createOperator, sampleOperator } from '../../state/testing/sample-principals.ts';
import { sampleEntry } from '../../state/testing/sample-request.ts';
import { createTestDatabase } from '../../state/testing/test-database.ts';
import { createChainCache } from '../facts/chain-cache.ts';
import type { TransactionAsk } from '../outcome.ts';
import type { PipelineDeps } from '../pipeline-deps.ts';
import { createDisputes } from '../tracking/disputes.ts';
import { NO_COMPUTE_BUDGET } from './compute-budget-deps.ts';
import { type ScriptedChain, type ScriptedRelayer, scriptedChain, scriptedRelayer } from './scripted-chain.ts';
import { type ScriptedHistory, scriptedHistory } from './scripted-history.ts';

export const ALLOW: Verdict = { kind: 'allow', reasons: [] };
export const DENY: Verdict = {
  kind: 'deny',
  reasons: [{ code: 'NO_LONGER', rule: 'test', message: 'not any more', facts: {} }],
};

export function needsApproval(quorum = 1): Verdict {
  return { kind: 'require_approval', reasons: [], approval: { quorum, groups: [], timeoutSeconds: 300 } };
}

export interface Script {
  verdict: Verdict;
  /** Of the gateway, Unix milliseconds; it stands still unless the test moves it. */
  time: number;
  /** What the signer does besides signing; a rejection is its failure. */
  beforeSigning: (signal: AbortSignal) => Promise<void>;
}

export interface PipelineScene {
  readonly state: State;
  readonly deps: PipelineDeps;
  readonly chain: ScriptedChain;
  readonly relayer: ScriptedRelayer;
  readonly history: ScriptedHistory;
  readonly script: Script;
  readonly agent: Agent;
  readonly ann: Operator;
  readonly ben: Operator;
  readonly wallet: Address;
  /** Messages that the signer was asked to sign. */
  readonly asked: Uint8Array[];
  readonly warnings: string[];
  ask(change?: Partial<TransactionAsk>): TransactionAsk;
  find(requestId: string): Promise<RequestRecord>;
  /** Bodies of the audit records of a request, parsed, in order. */
  auditOf(requestId: string): Promise<readonly AuditBody[]>;
  /** Changes what no gateway changes. */
  sql(statement: string): Promise<void>;
  readonly databaseUrl: string;
  close(): Promise<void>;
}

export interface AuditBody {
  readonly kind: string;
  readonly actor: string;
  readonly request_id: string | null;
  readonly facts: { readonly [key: string]: unknown };
}

export async function openPipelineScene(): Promise<PipelineScene> {
  const database = await createTestDatabase();
  const state = await openState({ databaseUrl: database.url, instanceId: 'test' });
  const script: Script = { verdict: ALLOW, time: Date.now(), beforeSigning: async () => undefined };
  const asked: Uint8Array[] = [];
  const warnings: string[] = [];
  const { signer, address: wallet } = realSigner(asked, script);
  const [chain, relayer, history] = [scriptedChain(), scriptedRelayer(), scriptedHistory()];
  const treasury = { id: 'treasury', address: wallet };
  await state.wallets.sync([treasury]);
  const agent: Agent = { kind: 'agent', id: 'trader', wallets: ['treasury'] };
  await state.principals.create(agent, sampleEntry('principal.created'));
  const deps: PipelineDeps = {
    state,
    policy: {
      current: () => ({
        bundleRevision: 'r1',
        describedPrograms: NOTHING_DESCRIBED,
        timeZones: [],
        assets: new Map(),
        agentGroups: null,
        evaluate: () => script.verdict,
        explain: () => null,
      }),
    },
    chain,
    chainCache: createChainCache(),
    histories: [history],
    simulation: { mode: 'when_needed', timeoutMs: 1_000 },
    ...NO_COMPUTE_BUDGET,
    routes: new Map([['treasury', { wallet: treasury, signer, relayer, feePayer: null, sponsorship: null }]]),
    unserved: new Map(),
    verifySignature,
    observer: {
      stage: ignore,
      roundTrips: ignore,
      outcome: ignore,
      signerCall: ignore,
      feePayerCall: ignore,
      relayerCall: ignore,
      overBudget: ignore,
      reconciled: ignore,
      disputed: ignore,
    },
    warn: (message, facts) => void warnings.push(`${message}: ${JSON.stringify(facts)}`),
    now: () => script.time,
    newId: () => crypto.randomUUID(),
    signerTimeoutMs: 1_000,
    requireSignedVotes: false,
    newAdminWaitMs: 0,
    readOnly: false,
    forbid: [],
    disputes: createDisputes(() => script.time),
    landingHints: { listen: ignore, close: ignore },
    wakeTracker: ignore,
  };
  return {
    state,
    deps,
    chain,
    relayer,
    history,
    script,
    agent,
    ann: await createOperator(state, sampleOperator('ann')),
    ben: await createOperator(state, sampleOperator('ben')),
    wallet,
    asked,
    warnings,
    ask: (change = {}) => ({
      walletName: 'treasury',
      transaction: solTransfer(wallet, wallet, nextAmount()),
      setFreshBlockhash: true,
      idempotencyKey: null,
      context: {},
      ...change,
    }),
    find: async (requestId) => {
      const request = await state.requests.find(requestId);
      if (request === null) throw new Error(`no request ${requestId}`);
      return request;
    },
    auditOf: (requestId) => auditOf(state, requestId),
    sql: (statement) => database.run(statement),
    databaseUrl: database.url,
    close: async () => {
      await state.close();
      await database.drop();
    },
  };
}

const ignore = (): void => undefined;

let amount = 0n;
/** No two requests are the same payment. */
function nextAmount(): bigint {
  amount += 1n;
  return amount;
}

function realSigner(asked: Uint8Array[], script: Script): { readonly signer: Signer; readonly address: Address } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const address = addressFromBytes(new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)));
  const signer: Signer = {
    name: 'key',
    backend: 'test',
    custody: 'process',
    repeatable: true,
    check: async () => ({ kind: 'ready', detail: 'a key of a test' }),
    address,
    sign: async (messageBytes, { signal }) => {
      asked.push(messageBytes.slice());
      await script.beforeSigning(signal);
      return { kind: 'signed', signature: new Uint8Array(signWith(null, messageBytes, privateKey)) };
    },
    close: async () => undefined,
  };
  return { signer, address };
}

async function auditOf(state: State, requestId: string): Promise<readonly AuditBody[]> {
  const records = await state.audit.readAfter(0n, 10_000);
  const bodies: AuditBody[] = records.map(({ body }) => JSON.parse(Buffer.from(body).toString()));
  return bodies.filter((body) => body.request_id === requestId);
}
