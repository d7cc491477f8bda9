// Owns a gateway in a process of its own that a test can kill, also by itself at a named point: node gateway-process.ts CONFIG [POINT]
//
// Tells its parent the addresses of its listeners over IPC, and ends when the parent ends.
import type { Backends } from '../../gateway/compose/backends.ts';
import { startGateway } from '../../gateway/compose/gateway.ts';
import { loadConfig } from '../../gateway/config/load-config.ts';
import type { RequestState } from '../../gateway/core/request/request-state.ts';
import type { WalletRoute } from '../../gateway/pipeline/pipeline-deps.ts';
import { createLog } from '../../gateway/telemetry/log.ts';
import { type CrashPoint, isCrashPoint } from './crash-points.ts';

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
  const marked = new Set<string>();
  const crash = (reached: CrashPoint, requestId: string): void => {
    if (reached === at && marked.has(requestId)) process.kill(process.pid, 'SIGKILL');
  };
  const { requests } = backends.state;
  const state = {
    ...backends.state,
    requests: {
      ...requests,
      open: async (request, audit) => {
        if (request.ask.context.crash === at) marked.add(request.requestId);
        crash('before the intent is committed', request.requestId);
        const result = await requests.open(request, audit);
        if (request.state === 'SIGNING') crash('after the intent is committed', request.requestId);
        return result;
      },
      claimDue: async (...bounds) => {
        const due = await requests.claimDue(...bounds);
        for (const request of due) if (request.ask.context.crash === at) marked.add(request.requestId);
        return due;
      },
      advance: async (change, audit) => {
        const { requestId, from, to } = change;
        if (from === 'AWAITING_APPROVAL' && to === 'SIGNING')
          crash('before an approved intent is committed', requestId);
        if (to === 'SIGNED') crash('before the signature is committed', requestId);
        if (to === 'SUBMITTED') crash('after the submission, before it is recorded', requestId);
        const result = await requests.advance(change, audit);
        const after = AFTER[to];
        if (after !== undefined && from !== to) crash(after, requestId);
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
          crash('before the signer is called', context.idempotencyKey);
          return signer.sign(messageBytes, context);
        },
      },
    };
  }
}

const AFTER: { readonly [S in RequestState]?: CrashPoint } = {
  SIGNED: 'after the signature is committed',
  SUBMITTED: 'after the submission is recorded',
  CONFIRMED: 'after the confirmation is recorded',
};

function crashPoint(text: string): CrashPoint {
  if (isCrashPoint(text)) return text;
  throw new Error(`no such crash point: ${text}`);
}
