// Owns the order of the stages: receive, decode, evaluate, (approve,) sign, relay, confirm. One pass, one direction.
import { assertNever } from '../core/assert-never.ts';
import type { Reason } from '../core/decision/decision.ts';
import { GatewayError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest-name.ts';
import type { Agent, Wallet } from '../core/principal/principal.ts';
import { type SessionMethod, sessionOf } from '../core/principal/session.ts';
import type { RequestAsk, RequestRecord } from '../state/contract/request-store.ts';
import { throwBeforeSigning } from './abort.ts';
import { createListBudgets, previewBudgets } from './administration/budgets.ts';
import { admit } from './admit.ts';
import { answerOf } from './answer.ts';
import { type JudgedRequest, judge, judgeTransaction, type TransactionRequest } from './evaluate.ts';
import { isLost } from './lost-signature.ts';
import type { MessageAsk, Outcome, TransactionAsk, WaitFor } from './outcome.ts';
import { ownRequest, sameAsk } from './own-request.ts';
import type { SigningPipeline } from './pipeline-contract.ts';
import type { PipelineDeps, UnservedWallet, WalletRoute } from './pipeline-deps.ts';
import { submit } from './relay.ts';
import { createStillPermitted } from './still-permitted.ts';
import { requireSender } from './unopened-relayer.ts';
import { unservedError } from './unserved-wallet.ts';
import { follow, isSettled, waitUntil } from './wait.ts';

export function createSigningPipeline(deps: PipelineDeps): SigningPipeline {
  const listBudgets = createListBudgets(deps);
  return {
    signTransaction: (agent, ask, signal) =>
      observed(deps, () => {
        const route = routeFor(deps, agent, 'sign', ask.walletName);
        return road(deps, agent, route, transactionAsk('sign', agent, route.wallet, ask), SIGNATURE, signal);
      }),
    signAndSendTransaction: (agent, ask, waitFor, signal) =>
      observed(deps, () => {
        const route = routeFor(deps, agent, 'sign_and_send', ask.walletName);
        const sent = transactionAsk('sign_and_send', agent, route.wallet, ask);
        return road(deps, agent, route, sent, { kind: 'landing', waitFor }, signal);
      }),
    signMessage: (agent, ask, signal) =>
      observed(deps, () => {
        const route = routeFor(deps, agent, 'sign_message', ask.walletName);
        return road(deps, agent, route, messageAsk(agent, route.wallet, ask), SIGNATURE, signal);
      }),
    evaluateTransaction: async (agent, ask, signal) => {
      const { wallet } = routeFor(deps, agent, 'evaluate', ask.walletName);
      const asked = { id: deps.newId(), agent, wallet, ask: transactionAsk('sign', agent, wallet, ask) };
      const judged = await judgeTransaction(deps, asked, signal);
      const { decision, budgets } = await previewBudgets(deps, judged);
      const { decoded: transaction, effects } = judged.established;
      const { messageDigest, policyInput } = judged.judgement;
      return { decision, budgets, transaction, effects, messageDigest, policyInput };
    },
    getTransaction: (agent, by) => ownRequest(deps, agent, by),
    listTransactions: async (agent, walletName, { filter, limit, after }) => {
      const walletId = walletName === null ? null : walletIdOf(deps, agent, walletName);
      const credential = sessionOf(agent)?.keyId ?? null;
      const own = { ...filter, agentId: agent.id, walletId, credential };
      return deps.state.requests.list({ filter: own, limit, after });
    },
    watchTransaction: async function* (agent, requestId, signal) {
      await ownRequest(deps, agent, { kind: 'request_id', requestId });
      yield* follow(deps.state.requests, requestId, signal);
    },
    listWallets: async (agent) => {
      const served = [...deps.routes.values()].filter(({ wallet }) => mayUse(agent, wallet));
      const unserved = [...deps.unserved.values()].filter((wallet) => mayUse(agent, wallet));
      return [
        ...served.map(({ wallet, feePayer }) => ({ ...wallet, feePayer: feePayer?.address ?? null })),
        ...unserved.flatMap(({ id, address }) => (address === null ? [] : [{ id, address, feePayer: null }])),
      ];
    },
    getBudgets: async (agent, walletName) => {
      const walletIds = walletName === null ? agent.wallets : [walletIdOf(deps, agent, walletName)];
      return listBudgets({ agentId: agent.id, walletIds, withOthers: false });
    },
  };
}

/** How far a call goes before it is answered. */
type Destination = { readonly kind: 'signature' } | { readonly kind: 'landing'; readonly waitFor: WaitFor };

const SIGNATURE: Destination = { kind: 'signature' };

/** How often a payment like one that is just being signed is judged again, each time with the blockhash of a later slot. */
const MAX_ATTEMPTS = 5;

/** The whole road of one call. */
async function road(
  deps: PipelineDeps,
  agent: Agent,
  route: WalletRoute,
  ask: RequestAsk,
  destination: Destination,
  signal: AbortSignal,
): Promise<Outcome> {
  if (deps.readOnly) throw new GatewayError('READ_ONLY', 'the gateway only reads now: it judges, and signs nothing');
  const requireStillPermitted = createStillPermitted(deps, agent, route.wallet.id);
  let taken: string | null = null;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const judged = await judgeOrRecall(deps, agent, route, ask, signal, taken);
    if (judged.kind === 'recalled') return arrive(deps, judged.request, destination, signal);
    throwBeforeSigning(signal);
    const { requestId, controls } = judged.request;
    await requireStillPermitted(controls);
    const admission = await admit(deps, route, agent, judged.request, ask, signal);
    switch (admission.kind) {
      case 'exists':
        return arrive(deps, sameAsk(agent, admission.request, ask), destination, signal);
      case 'stale':
        return arrive(deps, await recorded(deps, requestId), destination, signal);
      case 'recorded':
        return arrive(deps, admission.request, destination, signal);
      case 'signed':
        if (destination.kind === 'signature') return answerOf(deps.state, admission.request);
        await submitSigned(deps, route, admission.request, signal);
        return arrive(deps, await recorded(deps, requestId), destination, signal);
      case 'duplicate_message':
        taken = lifetimeTokenOf(judged.request);
        break;
      case 'controls_changed':
        await deps.state.controls.refresh();
        break;
      default:
        return assertNever(admission);
    }
  }
  throw new GatewayError(
    'OVERLOADED',
    'too many payments like this one at once, each needs a blockhash of its own; try again',
  );
}

async function submitSigned(
  deps: PipelineDeps,
  { relayer }: WalletRoute,
  request: RequestRecord,
  signal: AbortSignal,
): Promise<void> {
  const { signedTransaction } = request;
  if (signedTransaction === null)
    throw new GatewayError('INTERNAL', `the request ${request.requestId} has nothing to send`);
  await submit(deps, relayer, { ...request, signedTransaction }, signal);
}

/** Two transactions may be alike in all but their requests; a message lives by no blockhash, and twice the same is no harm. */
function lifetimeTokenOf(request: JudgedRequest): string {
  if (request.kind === 'transaction') return request.established.decoded.compiled.lifetimeToken;
  throw new GatewayError('INTERNAL', 'a message was taken for a transaction that is being signed; nothing was signed');
}

async function observed(deps: PipelineDeps, call: () => Promise<Outcome>): Promise<Outcome> {
  try {
    const reached = await call();
    deps.observer.outcome(reached.kind, firstReason(reached)?.code ?? 'NONE');
    return reached;
  } catch (error) {
    deps.observer.outcome('error', error instanceof GatewayError ? error.reason : 'INTERNAL');
    throw error;
  }
}

function firstReason(outcome: Outcome): Reason | undefined {
  switch (outcome.kind) {
    case 'denied':
      return outcome.reasons[0];
    case 'pending_approval':
      return outcome.approval.reasons[0];
    case 'signed':
    case 'submitted':
      return undefined;
    default:
      return assertNever(outcome);
  }
}

function routeFor(deps: PipelineDeps, agent: Agent, method: SessionMethod, walletName: string): WalletRoute {
  const session = sessionOf(agent);
  if (session === null || session.methods.includes(method)) return routeOf(deps, agent, walletName);
  throw new GatewayError('METHOD_NOT_PERMITTED', `this session key is for ${session.methods.join(', ')} only`);
}

function routeOf(deps: PipelineDeps, agent: Agent, walletName: string): WalletRoute {
  const found = ownWallet(deps, agent, walletName);
  if ('wallet' in found) return found;
  throw unservedError(found);
}

function walletIdOf(deps: PipelineDeps, agent: Agent, walletName: string): string {
  const found = ownWallet(deps, agent, walletName);
  return 'wallet' in found ? found.wallet.id : found.id;
}

function ownWallet(deps: PipelineDeps, agent: Agent, walletName: string): WalletRoute | UnservedWallet {
  const isMeant = ({ id, address }: NamedWallet) => id === walletName || address === walletName;
  // By the agent's own, which are few: of all wallets there may be very many.
  for (const id of agent.wallets) {
    const route = deps.routes.get(id);
    if (route !== undefined && isMeant(route.wallet)) return route;
    const unserved = deps.unserved.get(id);
    if (unserved !== undefined && isMeant(unserved)) return unserved;
  }
  // The same answer for a wallet that does not exist and for one of somebody else.
  const meant = didYouMean(walletName, agent.wallets);
  throw new GatewayError('WALLET_NOT_PERMITTED', `wallet: not one of yours${meant}; ListWallets names those that are`);
}

type NamedWallet = Pick<UnservedWallet, 'id' | 'address'>;

function mayUse(agent: Agent, wallet: NamedWallet): boolean {
  return agent.wallets.includes(wallet.id);
}

function transactionAsk(
  method: TransactionRequest['method'],
  agent: Agent,
  wallet: Wallet,
  { transaction, setFreshBlockhash, computeBudget, idempotencyKey, context }: TransactionAsk,
): TransactionRequest {
  return {
    method,
    agentId: agent.id,
    walletId: wallet.id,
    received: transaction,
    setFreshBlockhash,
    ...(computeBudget === undefined ? {} : { computeBudget }),
    idempotencyKey,
    context,
  };
}

function messageAsk(agent: Agent, wallet: Wallet, { message, idempotencyKey, context }: MessageAsk): RequestAsk {
  return {
    method: 'sign_message',
    agentId: agent.id,
    walletId: wallet.id,
    received: message,
    setFreshBlockhash: false,
    idempotencyKey,
    context,
  };
}

type Judged =
  | { readonly kind: 'judged'; readonly request: JudgedRequest }
  | { readonly kind: 'recalled'; readonly request: RequestRecord };

/** A repeated call gets its recorded answer even while it could not be judged anew (chain, policy or relayer away). */
async function judgeOrRecall(
  deps: PipelineDeps,
  agent: Agent,
  { wallet, relayer }: WalletRoute,
  ask: RequestAsk,
  signal: AbortSignal,
  taken: string | null,
): Promise<Judged> {
  try {
    requireSender(relayer, ask);
    const asked = { id: deps.newId(), agent, wallet, ask };
    return { kind: 'judged', request: await judge(deps, asked, signal, taken) };
  } catch (error) {
    if (ask.idempotencyKey === null) throw error;
    const earlier = await deps.state.requests.findByIdempotencyKey(ask.agentId, ask.idempotencyKey);
    if (earlier === null) throw error;
    return { kind: 'recalled', request: sameAsk(agent, earlier, ask) };
  }
}

/** Waits until the request has come as far as the caller wants, and answers from the record. */
async function arrive(
  deps: PipelineDeps,
  request: RequestRecord,
  destination: Destination,
  signal: AbortSignal,
): Promise<Outcome> {
  const done = (r: RequestRecord): boolean => isSettled(r) || hasArrived(r, destination);
  const last = done(request) ? request : await waitUntil(deps.state.requests, request.requestId, done, signal);
  return answerOf(deps.state, last);
}

function hasArrived(request: RequestRecord, destination: Destination): boolean {
  if (request.state === 'AWAITING_APPROVAL' || isLost(request)) return true;
  if (destination.kind === 'signature') return request.walletSignature !== null;
  // Operators froze it before it was sent.
  if (request.state === 'SIGNED' && request.error !== null) return true;
  // Refused in preflight, or landed with an error: nothing more will be sent, and only time makes it final.
  if ((request.state === 'SUBMITTED' || request.state === 'INDETERMINATE') && request.error !== null) return true;
  return REACHED[destination.waitFor](request);
}

const REACHED: { readonly [W in WaitFor]: (request: RequestRecord) => boolean } = {
  SUBMITTED: (r) => r.state === 'SUBMITTED' || r.state === 'INDETERMINATE' || r.state === 'CONFIRMED',
  PROCESSED: (r) => r.state === 'CONFIRMED' || (r.state === 'SUBMITTED' && r.slot !== null),
  CONFIRMED: (r) => r.state === 'CONFIRMED',
  FINALIZED: (r) => r.state === 'FINALIZED',
};

async function recorded(deps: PipelineDeps, requestId: string): Promise<RequestRecord> {
  const request = await deps.state.requests.find(requestId);
  if (request === null) throw new GatewayError('INTERNAL', `the request ${requestId} is not recorded`);
  return request;
}
