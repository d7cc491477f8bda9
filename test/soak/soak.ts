// Owns one run of the soak: gateways on one Postgres and one chain, agents that ask for more than the limits let through, people who approve
// and freeze, and things that go wrong all the while; then everything settles, and the oracle judges what is left.
import { setTimeout as delay } from 'node:timers/promises';
import { createSolanaRpc } from '@solana/kit';
import { rawCall } from '../../relayer/localnet/testing/raw-rpc.ts';
import { type SeededRandom, seededRandom } from '../differential/seeded-random.ts';
import { lookNow } from '../integration/look-now.ts';
import { type AgentDesk, perform } from './agent.ts';
import { type Ask, drawAsk } from './ask.ts';
import { CREWS } from './crew.ts';
import { disturbStores } from './disturbances.ts';
import type { Disturber } from './disturber.ts';
import type { Evidence } from './evidence.ts';
import { freezeAtRandom } from './freezing.ts';
import { watchLandings } from './landings.ts';
import { limitsOutOfReach, soakLimits } from './limits.ts';
import { readRecord } from './record.ts';
import { disturbRelaying } from './relay-disturbances.ts';
import { letAllLie, type Sabotage, startSabotage } from './sabotage.ts';
import { SLOT_MS, type Stage, startStage } from './stage.ts';

export interface SoakOptions {
  /** `stores`: Postgres, Redis and the ways to them, against limits, approvals and freezes. `relaying`: the nodes of the chain. */
  readonly subject: 'stores' | 'relaying';
  readonly seed: number;
  readonly requests: number;
  readonly gateways: number;
  /** Asks under way at once. */
  readonly concurrency: number;
  /** How many average payments fit into the window of the limit that all share. */
  readonly room: number;
  /** Something goes wrong after every so many asks. */
  readonly strikeEvery: number;
  /** Something is frozen after every so many asks; 0: never. */
  readonly freezeEvery: number;
  /** Breaks a promise on purpose: the run must fail. */
  readonly sabotage: Sabotage | null;
  readonly progress: (line: string) => void;
}

export interface SoakRun {
  readonly evidence: Evidence;
  readonly subject: SoakOptions['subject'];
  readonly disturbances: ReadonlyMap<string, number>;
  readonly calls: AgentDesk['counts'];
  readonly loadSeconds: number;
  readonly settleSeconds: number;
}

/** Of which two must agree, and one may lie. */
const NODES = 3;

const disturb = { stores: disturbStores, relaying: disturbRelaying };

/** Beyond the life of every blockhash, and of what is finalized later still. */
const SLOTS_UNTIL_ALL_IS_DECIDED = 400n;
const SETTLE_MS = 60_000;
const LOOK_MS = 100;

export async function runSoak(options: SoakOptions): Promise<SoakRun> {
  const random = seededRandom(options.seed);
  const asks = Array.from({ length: options.requests }, (_, index) => drawAsk(random, CREWS[options.subject], index));
  const isRelaying = options.subject === 'relaying';
  const limits = isRelaying ? limitsOutOfReach() : soakLimits(options.room);
  const stage = await startStage(options.gateways, isRelaying ? NODES : 0, limits);
  try {
    return await runOn(stage, options, random, asks, limits);
  } finally {
    await stage.stop();
  }
}

async function runOn(
  stage: Stage,
  options: SoakOptions,
  random: SeededRandom,
  asks: readonly Ask[],
  limits: Evidence['limits'],
): Promise<SoakRun> {
  const { environment, postgres, fleet } = stage;
  const { localnet, wallet, recipient } = environment;
  const { rpcUrl } = localnet;
  const rpc = createSolanaRpc(rpcUrl);
  const walletBefore = (await rpc.getBalance(wallet.address, { commitment: 'confirmed' }).send()).value;
  const watch = await watchLandings(rpcUrl, wallet.address, SLOT_MS);
  const counts = { calls: 0, repeated: 0, unknown: 0, sent: 0 };
  const shared = { fleet, random, rpcUrl, wallet: wallet.address, recipient };
  const faults: string[] = [];
  const people = { fleet, random, ambush: stage.ambush, faults };
  // Of its own: what agents draw in the meantime must not change what goes wrong.
  const disturber = disturb[options.subject](seededRandom(options.seed + 1), stage);
  const freezing = freezeAtRandom({ fleet, random: seededRandom(options.seed + 2) }, faults);
  const desk: AgentDesk = { ...shared, people, answers: [], faults, counts, thaw: freezing.thaw, late: [] };
  const endSabotage = startSabotage(postgres, options.sabotage);

  const started = performance.now();
  await load(desk, asks, options, [
    { every: options.strikeEvery, what: disturber },
    { every: options.freezeEvery, what: freezing },
  ]);
  const loaded = performance.now();
  await disturber.settle();
  await freezing.settle();
  while (desk.late.length > 0) await Promise.all(desk.late.splice(0));
  await endSabotage();
  if (options.sabotage === 'lies') await letAllLie(stage.nodes);
  await rawCall(rpcUrl, 'localnet_advanceSlots', [SLOTS_UNTIL_ALL_IS_DECIDED]);
  await settled(stage, options.progress);
  const walletAfter = await watch.finish();
  const record = await readRecord(postgres);
  const { answers } = desk;
  faults.push(...fleet.crashes);
  const { landings } = watch;
  const freezes = freezing.put;
  return {
    evidence: { limits, asks, answers, faults, walletBefore, walletAfter, landings, freezes, ...record },
    subject: options.subject,
    disturbances: disturber.counts,
    calls: counts,
    loadSeconds: (loaded - started) / 1000,
    settleSeconds: (performance.now() - loaded) / 1000,
  };
}

/** All asks, so many at once; something goes wrong by the number of those that are done. */
async function load(
  desk: AgentDesk,
  asks: readonly Ask[],
  { concurrency, progress }: SoakOptions,
  striking: readonly { readonly every: number; readonly what: Pick<Disturber<string>, 'strike'> }[],
): Promise<void> {
  let done = 0;
  const queue = asks.values();
  const agents = Array.from({ length: concurrency }, async () => {
    for (const ask of queue) {
      await perform(desk, ask);
      done++;
      for (const { every, what } of striking) if (every > 0 && done % every === 0) what.strike();
      if (done % PROGRESS_EVERY === 0) progress(`${done} of ${asks.length} asked`);
    }
  });
  await Promise.all(agents);
}

const PROGRESS_EVERY = 5_000;

/** Until every request is final, or for so long. */
async function settled({ postgres }: Stage, progress: (line: string) => void): Promise<void> {
  const until = performance.now() + SETTLE_MS;
  for (;;) {
    const open = await lookNow(postgres.url);
    if (open === 0) return;
    if (performance.now() > until) return progress(`${open} requests do not end`);
    await delay(LOOK_MS);
  }
}
