// Owns the model of one payment on its way: every step that a gateway, a tracker, an approver, a freezer or the cluster can take, each as
// atomic as its commit. States move by the gateway's own table (core/request/request-state.ts), so that a change there is explored here.
import { type RequestEvent, type RequestState, transition } from '../../gateway/core/request/request-state.ts';

/** Where a process stands that carries a request from its judgement to the relayer. */
type At = 'idle' | 'judged' | 'asking_signer' | 'has_signature' | 'released' | 'gone';

/** One of two gateways. */
interface Replica {
  readonly at: At;
  /** Version of the controls that it judged under. */
  readonly controls: number;
  /** Which of its own blockhashes the signature is over. */
  readonly signature: number;
}

/** What the cluster knows of one signature. */
type Fate = 'unknown' | 'in_flight' | 'confirmed' | 'failed_confirmed' | 'finalized' | 'failed' | 'dead';

interface Request {
  readonly state: RequestState;
  readonly reservation: 'none' | 'held' | 'used' | 'given_back';
  /** The recorded signature; 0: none. */
  readonly signature: number;
  readonly approved: boolean;
  readonly replicas: readonly [Replica, Replica];
  /** By signature: 1 is of the first replica, 2 of the second. */
  readonly fates: readonly [Fate, Fate];
  /** Signatures that left the gateway. */
  readonly left: readonly number[];
  /** Signatures that a remote backend was asked for, and that others may come by there. */
  readonly atBackend: readonly number[];
}

export interface World {
  readonly requests: readonly Request[];
  readonly controls: number;
  readonly frozen: boolean;
  /** Sum of the open reservations and of what was used. */
  readonly budget: number;
  /** What went wrong on the way here; empty in a right world. */
  readonly broken: string;
}

export interface Rules {
  readonly requests: number;
  /** Requests that the budget has room for. */
  readonly room: number;
  readonly needsApproval: boolean;
  /** The key is at a backend: it may sign what it was once asked whenever it likes, and others may come by that. */
  readonly keyIsRemote: boolean;
  /** Turned off one at a time, to see that each of them is needed. */
  readonly reservesWithIntent: boolean;
  readonly checksControlsAtSignature: boolean;
  readonly comparesState: boolean;
  readonly waitsForFinality: boolean;
  /** What a remote backend may have signed keeps its reservation. */
  readonly keepsWhatMayBeSigned: boolean;
}

export const THE_RULES: Rules = {
  requests: 1,
  room: 1,
  needsApproval: false,
  keyIsRemote: false,
  reservesWithIntent: true,
  checksControlsAtSignature: true,
  comparesState: true,
  waitsForFinality: true,
  keepsWhatMayBeSigned: true,
};

export function beginning(rules: Rules): World {
  const request: Request = {
    state: rules.needsApproval ? 'AWAITING_APPROVAL' : 'EVALUATED',
    reservation: 'none',
    signature: 0,
    approved: !rules.needsApproval,
    replicas: [IDLE, IDLE],
    fates: ['unknown', 'unknown'],
    left: [],
    atBackend: [],
  };
  return { requests: Array(rules.requests).fill(request), controls: 1, frozen: false, budget: 0, broken: '' };
}

const IDLE: Replica = { at: 'idle', controls: 0, signature: 0 };

/** Every world that one step leads to, with the name of the step. */
export function* steps(world: World, rules: Rules): Generator<readonly [string, World]> {
  if (!world.frozen) yield ['freeze', { ...world, frozen: true, controls: world.controls + 1 }];
  for (let r = 0; r < world.requests.length; r++) {
    if (!requestOf(world, r).approved) yield [`approve ${r}`, change(world, r, { approved: true })];
    for (const i of [0, 1] as const) yield* replicaSteps(world, rules, r, i);
    yield* trackerSteps(world, rules, r);
    for (const signature of [1, 2]) yield* clusterSteps(world, r, signature);
  }
}

function* replicaSteps(world: World, rules: Rules, r: number, i: 0 | 1): Generator<readonly [string, World]> {
  const request = requestOf(world, r);
  const { at, signature } = request.replicas[i];
  const name = (step: string): string => `${step} ${r} by ${i}`;
  if (at !== 'gone' && at !== 'idle') yield [name('crash'), place(world, r, i, { at: 'gone' })];
  switch (at) {
    case 'idle':
      // Without approval one gateway has the call; approved requests may be claimed twice, when a lease runs out.
      if (request.approved && !world.frozen && (rules.needsApproval || i === 0)) {
        yield [name('judge'), place(world, r, i, { at: 'judged', controls: world.controls, signature: i + 1 })];
      }
      return;
    case 'judged':
      yield [name('commit intent'), commitIntent(world, rules, r, i)];
      return;
    case 'asking_signer':
      yield [name('sign'), place(world, r, i, { at: 'has_signature' })];
      if (rules.keyIsRemote) yield [name('lose the answer'), place(giveUp(world, rules, r, i), r, i, { at: 'gone' })];
      return;
    case 'has_signature':
      yield [name('commit signature'), commitSignature(world, rules, r, i)];
      return;
    case 'released':
      if (fateOf(request, signature) === 'unknown') yield [name('submit'), fate(world, r, signature, 'in_flight')];
      return;
    case 'gone':
      return;
  }
}

function commitIntent(world: World, rules: Rules, r: number, i: 0 | 1): World {
  const request = requestOf(world, r);
  const { controls } = request.replicas[i];
  const next = moved(request.state, 'signing_started');
  const refused = next === null || (rules.comparesState && request.state === 'SIGNING');
  if (controls !== world.controls || (rules.comparesState && refused)) return place(world, r, i, { at: 'gone' });
  const { atBackend: before } = request;
  const atBackend = rules.keyIsRemote ? [...before, i + 1] : before;
  if (!rules.reservesWithIntent) {
    return place(change(world, r, { state: 'SIGNING', atBackend }), r, i, { at: 'asking_signer' });
  }
  if (world.budget + 1 > rules.room) return place(world, r, i, { at: 'gone' });
  const held = { ...change(world, r, { state: 'SIGNING', reservation: 'held', atBackend }), budget: world.budget + 1 };
  return place(held, r, i, { at: 'asking_signer' });
}

function commitSignature(world: World, rules: Rules, r: number, i: 0 | 1): World {
  const request = requestOf(world, r);
  const { signature, controls } = request.replicas[i];
  if (rules.comparesState && request.state !== 'SIGNING') return place(world, r, i, { at: 'gone' });
  if (rules.checksControlsAtSignature && controls !== world.controls && world.frozen) {
    return place(giveUp(world, rules, r, i), r, i, { at: 'gone' });
  }
  const broken = world.frozen ? 'a signature was recorded after the freeze' : world.broken;
  const signed = change(world, r, { state: 'SIGNED', signature, left: [...request.left, signature] });
  return place({ ...signed, broken }, r, i, { at: 'released' });
}

/** No signature leaves: what it reserved is given back, unless one may be at a backend. */
function giveUp(world: World, rules: Rules, r: number, i: 0 | 1): World {
  if (requestOf(world, r).state !== 'SIGNING') return world;
  if (!rules.keyIsRemote || !rules.keepsWhatMayBeSigned) return giveBack(world, r, 'SIGNING_FAILED');
  const lost = moved('SIGNING', 'signing_unknown');
  if (lost === null) throw new Error('a signature that may exist cannot be recorded');
  // Looked for by its message, so that the tracker follows it without knowing it.
  return change(world, r, { state: lost, signature: i + 1 });
}

/** Any replica's tracker; it may be late, so that each step may come at any time. */
function* trackerSteps(world: World, rules: Rules, r: number): Generator<readonly [string, World]> {
  const request = requestOf(world, r);
  const { state, signature } = request;
  if (state === 'SIGNING') {
    const asked = request.replicas.findLastIndex(({ signature: each }) => request.atBackend.includes(each));
    yield [`give up ${r}`, giveUp(world, rules, r, asked === 1 ? 1 : 0)];
  }
  if (signature === 0) return;
  const known = fateOf(request, signature);
  if (known === 'unknown' && state === 'SIGNED' && !world.frozen) {
    yield [`resend ${r}`, change(fate(world, r, signature, 'in_flight'), r, { state: 'SUBMITTED' })];
  }
  const event = seen(known, state, rules);
  const next = event === null ? null : moved(state, event);
  if (next === null || next === state) return;
  if (next === 'FINALIZED') yield [`see ${known} ${r}`, change(world, r, { state: next, reservation: 'used' })];
  else if (next === 'FAILED' || next === 'EXPIRED') yield [`see ${known} ${r}`, giveBack(world, r, next)];
  else yield [`see ${known} ${r}`, change(world, r, { state: next })];
}

function seen(known: Fate, state: RequestState, rules: Rules): RequestEvent | null {
  switch (known) {
    case 'confirmed':
      return 'landed_confirmed';
    case 'finalized':
      return 'landed_finalized';
    case 'failed_confirmed':
      return rules.waitsForFinality ? 'error_confirmed' : 'landed_with_error';
    case 'failed':
      return 'landed_with_error';
    // Of what was confirmed, the cluster must first be seen to have lost sight.
    case 'dead':
      return state === 'CONFIRMED' ? 'lost_sight' : 'provably_dead';
    case 'in_flight':
      return state === 'CONFIRMED' ? 'lost_sight' : null;
    case 'unknown':
      return null;
  }
}

/** A signature that left the gateway may be sent by whoever has it, land, fail, be forked away, or grow too old. */
function* clusterSteps(world: World, r: number, signature: number): Generator<readonly [string, World]> {
  const request = requestOf(world, r);
  if (!request.left.includes(signature) && !request.atBackend.includes(signature)) return;
  const to = (next: Fate): readonly [string, World] => [`${next} ${r}.${signature}`, fate(world, r, signature, next)];
  switch (fateOf(request, signature)) {
    case 'unknown':
      yield to('in_flight');
      yield to('dead');
      return;
    case 'in_flight':
      yield to('confirmed');
      yield to('failed_confirmed');
      yield to('dead');
      return;
    case 'confirmed':
      yield to('finalized');
      yield to('in_flight');
      return;
    case 'failed_confirmed':
      yield to('failed');
      yield to('in_flight');
      return;
    case 'finalized':
    case 'failed':
    case 'dead':
      return;
  }
}

/** What is wrong with a world; `null`: nothing. */
export function wrong(world: World, rules: Rules): string | null {
  if (world.broken !== '') return world.broken;
  let landed = 0;
  for (const { fates, reservation, left } of world.requests) {
    const executed = fates.filter((each) => each === 'finalized' || each === 'confirmed').length;
    if (executed > 1) return 'one request was executed twice';
    if (new Set(left).size > 1) return 'two signatures of one request left the gateway';
    if (reservation === 'given_back' && executed > 0) return 'what was given back landed';
    landed += executed;
  }
  return landed > rules.room ? 'more landed than the budget has room for' : null;
}

/** Of a world in which nothing can happen any more. */
export function leftOver(world: World): string | null {
  const held = world.requests.find(({ reservation }) => reservation === 'held');
  return held === undefined ? null : `a reservation is still held in ${held.state}`;
}

function moved(state: RequestState, event: RequestEvent): RequestState | null {
  const next = transition(state, event);
  switch (next.kind) {
    case 'moves':
      return next.to;
    case 'stays':
      return state;
    case 'refused':
      return null;
  }
}

function giveBack(world: World, r: number, state: RequestState): World {
  const { reservation } = requestOf(world, r);
  const given = reservation === 'held' ? 1 : 0;
  const back = given === 1 ? ({ reservation: 'given_back' } as const) : {};
  return { ...change(world, r, { state, ...back }), budget: world.budget - given };
}

function requestOf(world: World, r: number): Request {
  const request = world.requests[r];
  if (request === undefined) throw new RangeError(`no request ${r}`);
  return request;
}

function change(world: World, r: number, part: Partial<Request>): World {
  return { ...world, requests: world.requests.map((request, n) => (n === r ? { ...request, ...part } : request)) };
}

function place(world: World, r: number, i: 0 | 1, part: Partial<Replica>): World {
  const [first, second] = requestOf(world, r).replicas;
  const replicas = i === 0 ? ([{ ...first, ...part }, second] as const) : ([first, { ...second, ...part }] as const);
  return change(world, r, { replicas });
}

function fateOf({ fates }: Request, signature: number): Fate {
  return signature === 1 ? fates[0] : fates[1];
}

function fate(world: World, r: number, signature: number, next: Fate): World {
  const [first, second] = requestOf(world, r).fates;
  return change(world, r, { fates: signature === 1 ? [next, second] : [first, next] });
}
