// Owns a gateway in a process of its own that a test can kill, also by itself at a named point: node gateway-process.ts CONFIG [POINT]
//
// Tells its parent the addresses of its listeners over IPC, and ends when the parent ends.
import { randomUUID } from 'node:crypto';
import type { Backends } from '../../gateway/compose/backends.ts';
import { startGateway } from '../../gateway/compose/gateway.ts';
import { loadConfig } from '../../gateway/config/load-config.ts';
import type { RequestState } from '../../gateway/core/request/request-state.ts';
import type { WalletRoute } from '../../gateway/pipeline/pipeline-deps.ts';
import type { ControlStore } from '../../gateway/state/contract/control-store.ts';
import type { NewRequest } from '../../gateway/state/contract/request-store.ts';
import { createLog } from '../../gateway/telemetry/log.ts';
import { CRASH_CASES, type CrashPoint, isCrashPoint } from './crash-points.ts';

const [file, point] = process.argv.slice(2);
if (file === undefined) throw new Error('usage: gateway-process.ts CONFIG [POINT]');
const loaded = await loadConfig({ file, env: process.env });
if (loaded.kind === 'refused') throw new Error(JSON.stringify(loaded.problems));

const { dataPlane, controlPlane, http } = await startGateway({
  config: loaded.config,
  log: createLog('fatal'),
  version: 'test',
  ...(point === undefined ? {} : { intercept: (backends) => crashing(backends, crashPoint(point)) }),
});
process.on('disconnect', () => process.exit(0));
process.send?.({ dataPlane, controlPlane, http });

/** Kills this process at the point, but only for requests whose context says so. */
function crashing(backends: Backends, at: CrashPoint): Backends {
  const agentOf = new Map<string, string>();
  const mark = ({ requestId, ask }: Pick<NewRequest, 'requestId' | 'ask'>): void => {
    if (ask.context.crash === at) agentOf.set(requestId, ask.agentId);
  };
  const crash = (reached: CrashPoint, requestId: string): void => {
    if (reached === at && agentOf.has(requestId)) process.kill(process.pid, 'SIGKILL');
  };
  const { requests, controls } = backends.state;
  const state = {
    ...backends.state,
    requests: {
      ...requests,
      open: async (request, audit) => {
        mark(request);
        crash('before the intent is committed', request.requestId);
        const result = await requests.open(request, audit);
        if (request.state === 'SIGNING') crash('after the intent is committed', request.requestId);
        return result;
      },
      claimDue: async (...args) => {
        const due = await requests.claimDue(...args);
        for (const request of due) mark(request);
        return due;
      },
      advance: async (change, audit) => {
        const { requestId, from, to } = change;
        const { before, after } = crashPointsOf(from, to);
        for (const point of before) crash(point, requestId);
        const result = await requests.advance(change, audit);
        for (const point of result.kind === 'advanced' ? after : []) crash(point, requestId);
        return result;
      },
    },
  } satisfies Backends['state'];
  return { ...backends, state, routes: new Map([...backends.routes].map(([id, route]) => [id, crashingRoute(route)])) };

  function crashingRoute(route: WalletRoute): WalletRoute {
    const { signer } = route;
    return {
      ...route,
      signer: {
        ...signer,
        sign: async (messageBytes, context) => {
          const { idempotencyKey: requestId } = context;
          crash('before the signer is called', requestId);
          const agentId = agentOf.get(requestId);
          if (agentId !== undefined && CRASH_CASES[at].errand === 'frozen') await freezeAgent(controls, agentId);
          return signer.sign(messageBytes, context);
        },
      },
    };
  }
}

/** As an operator does it on any gateway. */
async function freezeAgent(controls: ControlStore, agentId: string): Promise<void> {
  const freeze = {
    freezeId: randomUUID(),
    scope: 'agent',
    target: agentId,
    reason: 'a test',
    frozenBy: 'operator',
  } as const;
  const facts = { scope: 'agent', target: agentId };
  await controls.freeze(freeze, { kind: 'freeze.set', time: Date.now(), requestId: null, actor: 'operator', facts });
}

interface PointsOfMove {
  readonly before: readonly CrashPoint[];
  readonly after: readonly CrashPoint[];
}

function crashPointsOf(from: RequestState, to: RequestState): PointsOfMove {
  if (from === to) return { before: [], after: [] };
  return MOVES[to] ?? { before: [], after: [] };
}

const MOVES: { readonly [S in RequestState]?: PointsOfMove } = {
  // A new request comes to this state by open(); what moves to it was approved.
  SIGNING: {
    before: ['before an approved intent is committed', 'before the intent of an approved excess is committed'],
    after: ['after the intent of an approved excess is committed'],
  },
  SIGNING_FAILED: { before: ['after a freeze stopped the signature, before that is recorded'], after: [] },
  SIGNED: {
    before: ['before the signature is committed'],
    after: ['after the signature is committed', 'after a signature that the agent sends itself is committed'],
  },
  SUBMITTED: {
    before: ['after the submission, before it is recorded'],
    after: ['after the submission is recorded'],
  },
  CONFIRMED: { before: [], after: ['after the confirmation is recorded'] },
  FINALIZED: { before: ['before what landed is settled'], after: ['after what landed is settled'] },
  FAILED: { before: ['before what failed is given back'], after: ['after what failed is given back'] },
  EXPIRED: { before: ['before what can never land is given back'], after: ['after what can never land is given back'] },
};

function crashPoint(text: string): CrashPoint {
  if (isCrashPoint(text)) return text;
  throw new Error(`no such crash point: ${text}`);
}
