// Owns a submitted transaction for tests, and one look at it.
import type { ChainReader } from '../../../relayer/chain-reader.ts';
import type { RequestRecord } from '../../state/contract/request-store.ts';
import { confirm } from '../confirm.ts';
import { createSigningPipeline } from '../pipeline.ts';
import type { PipelineDeps } from '../pipeline-deps.ts';
import { createLookup } from '../tracking/lookup.ts';
import { openSight, type Sight, type SightOptions } from '../tracking/sight.ts';
import type { PipelineScene } from './pipeline-scene.ts';

export interface Looked {
  /** As it is recorded afterwards. */
  readonly request: RequestRecord;
  /** When it is to be looked at again, as this look recorded it; Unix milliseconds, `null`: never. */
  readonly nextLook: number | null;
}

export interface OneLook {
  readonly deps?: Partial<PipelineDeps>;
  readonly options?: Partial<SightOptions>;
  /** What it sees otherwise than the chain says. */
  readonly seen?: Partial<Sight>;
}

/** With statuses and heights as the chain says them now. */
export async function lookOnce(
  scene: PipelineScene,
  requestId: string,
  { deps: changed = {}, options = {}, seen = {} }: OneLook = {},
): Promise<Looked> {
  const { state } = scene;
  const { signal } = new AbortController();
  let nextLook: number | null = null;
  const advance: typeof state.requests.advance = (change, audit) => {
    nextLook = change.dueAt;
    return state.requests.advance(change, audit);
  };
  const recorded = { ...state, requests: { ...state.requests, advance } };
  const deps: PipelineDeps = { ...scene.deps, ...changed, state: recorded };
  const request = await scene.find(requestId);
  const sight = openSight(deps, [request], {
    resendIsDue: () => true,
    patienceIsOver: () => false,
    unusedUntil: () => new Map(),
    lookup: createLookup(deps, signal),
    signal,
    ...options,
  });
  await confirm(deps, request, { ...sight, ...seen });
  return { request: await scene.find(requestId), nextLook };
}

export interface SubmittedScene {
  readonly requestId: string;
  look(seen?: Partial<Sight>, chain?: ChainReader): Promise<RequestRecord>;
  /** Milliseconds from now until it is looked at again, as the last look recorded it; `null`: never. */
  pause(): number | null;
  /** Kinds of what was recorded after the submission. */
  kinds(): Promise<readonly string[]>;
}

/** A transaction that dies above height 250; nobody knows it yet, and the relayer has it once. `start`: of the gateway, Unix milliseconds. */
export async function submitOne(scene: PipelineScene, start: number): Promise<SubmittedScene> {
  const { chain, relayer, deps, agent, script } = scene;
  Object.assign(chain.heights, { processed: 100n, confirmed: 100n, finalized: 100n });
  Object.assign(chain, { status: null, onStatuses: () => undefined, statusSlot: 10_000n, oldestBlock: 0n });
  relayer.sent.length = 0;
  relayer.answer = async () => ({ kind: 'accepted' });
  script.time = start;
  const { signal } = new AbortController();
  const { request } = await createSigningPipeline(deps).signAndSendTransaction(agent, scene.ask(), 'SUBMITTED', signal);
  if (request.state !== 'SUBMITTED') throw new Error(`the request is ${request.state}`);
  const { requestId } = request;
  let nextLook: number | null = null;
  return {
    requestId,
    look: async (seen = {}, read = chain) => {
      const looked = await lookOnce(scene, requestId, { deps: { chain: read }, seen });
      nextLook = looked.nextLook;
      return looked.request;
    },
    pause: () => (nextLook === null ? null : nextLook - script.time),
    kinds: async () => (await scene.auditOf(requestId)).map(({ kind }) => kind).slice(3),
  };
}
