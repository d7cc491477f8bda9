// Owns the proof that the same effect gets the same verdict: by legacy, v0, lookup tables, v1, in a batch, and by a program that nobody knows.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Instruction, isSignerRole } from '@solana/kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { computeEffects } from '../../gateway/core/effects/compute-effects.ts';
import type { Effects } from '../../gateway/core/effects/effects.ts';
import { buildPolicyInput } from '../../gateway/core/policy-input.ts';
import { COMPUTE_BUDGET_PROGRAM, SYSTEM_PROGRAM } from '../../gateway/core/transaction/programs/program-ids.ts';
import { buildBundle } from '../../gateway/policy/build/build-bundle.ts';
import { openGeneration } from '../../gateway/policy/evaluation/open-generation.ts';
import type { PolicyGeneration } from '../../gateway/policy/policy-engine.ts';
import { through } from '../programs/through.ts';
import { randomPlan } from './generator/random-plan.ts';
import { batchOf, drawSingle } from './generator/token.ts';
import { asJson, encodeAs, FORMS, fits } from './oracle.ts';
import { policyOf } from './random-policy.ts';
import { seededRandom, seedOfRun } from './seeded-random.ts';
import { type SvmSimulation, simulateOnSvm } from './svm-simulation.ts';
import { createWorld, type World } from './world.ts';

const GROUPS = 70;
const POLICIES = 3;
const ADVANCE_NONCE = 4;
/** Of the groups that execute; and of their verdicts, how many must allow, and how many deny. */
const LEAST = { groups: 30, batches: 6, calls: 25, allowed: 3, denied: 20 };

const random = seededRandom(seedOfRun('same effect, same verdict'));
const engines: PolicyGeneration[] = [];
let world: World;
let directory: string;

beforeAll(async () => {
  world = await createWorld(random);
  directory = await mkdtemp(join(tmpdir(), 'countersign-same-effect-'));
  for (let i = 0; i < POLICIES; i++) {
    const outDir = join(directory, `bundle-${i}`);
    await buildBundle({ data: { agents: { trader: { wallets: { treasury: policyOf(random, world) } } } }, outDir });
    engines.push(await openGeneration({ bundleDirectory: outDir }));
  }
});
afterAll(() => rm(directory, { recursive: true, force: true }));

it('the same instructions in every form have the same effects and the same verdicts', async () => {
  const seen = { groups: 0, batches: 0, calls: 0, allowed: 0, denied: 0 };
  for (let i = 0; i < GROUPS; i++) {
    const group = await nextGroup();
    const open = judged(group.instructions, 'legacy');
    if (open === null) continue;
    seen.groups++;
    for (const form of FORMS) {
      const other = judged(group.instructions, form);
      expect(other?.effects, form).toEqual(open.effects);
      expect(other?.verdicts, form).toEqual(open.verdicts);
    }
    if (group.batch !== null) {
      seen.batches++;
      const batched = judged([group.batch], 'v0');
      expect(batched?.effects, asJson(group.instructions)).toEqual(open.effects);
      expect(batched?.verdicts, asJson(group.instructions)).toEqual(open.verdicts);
    }
    const called = judged(
      group.instructions.map((it) => through(world.proxy, it)),
      'v1',
    );
    if (called !== null) {
      seen.calls++;
      expect(called.effects, asJson(group.instructions)).toEqual(open.effects);
      expect(called.decisions, asJson({ called, open })).toEqual(throughCall(open, group.instructions));
    }
    seen.allowed += open.decisions.filter((kind) => kind === 'allow').length;
    seen.denied += open.decisions.filter((kind) => kind === 'deny').length;
  }
  console.log('groups of one effect:', seen);
  for (const [name, least] of Object.entries(LEAST)) {
    expect(seen[name as keyof typeof seen], name).toBeGreaterThanOrEqual(least);
  }
});

interface Group {
  readonly instructions: readonly Instruction[];
  /** All of them in one instruction, where there is a way. */
  readonly batch: Instruction | null;
}

async function nextGroup(): Promise<Group> {
  if (random.chance(40)) {
    const tokens = random.pick([world.classic, world.extended]);
    const parts = Array.from({ length: 1 + random.below(2) }, () => drawSingle(random, world, tokens));
    return { instructions: parts, batch: batchOf(parts, tokens) };
  }
  for (;;) {
    const { instructions, nonce } = await randomPlan(random, world);
    // Prices belong to the message, and mean nothing in v1.
    const acting = instructions.filter(({ programAddress }) => programAddress !== COMPUTE_BUDGET_PROGRAM);
    // Whether a nonce makes the transaction durable hangs on the form: not from a table, and not by another program.
    if (nonce === null && acting.length > 0 && !startsWithNonce(acting)) return { instructions: acting, batch: null };
  }
}

function startsWithNonce([first]: readonly Instruction[]): boolean {
  return first?.programAddress === SYSTEM_PROGRAM && first.data?.[0] === ADVANCE_NONCE;
}

interface Judged {
  readonly effects: unknown;
  /** By policy, with the codes of a denial. */
  readonly verdicts: readonly string[];
  /** By policy, without them: a denial of what is hidden has its own reasons. */
  readonly decisions: readonly string[];
}

/**
 * A program may call without the wallet's signature what it likes: only calls that the wallet signs must be on the list. Whatever they
 * do is judged by every other rule all the same.
 */
function throughCall({ verdicts, decisions }: Judged, instructions: readonly Instruction[]): readonly unknown[] {
  const signed = instructions.every(({ accounts = [] }) =>
    accounts.some(({ address, role }) => address === world.wallet && isSignerRole(role)),
  );
  return verdicts.map((verdict, i) =>
    !signed && verdict === 'deny PROGRAM_NOT_ALLOWED' ? expect.stringMatching(/^(allow|deny)$/) : decisions[i],
  );
}

/** `null`: it fits no packet of this form, or does not succeed on chain. */
function judged(instructions: readonly Instruction[], form: (typeof FORMS)[number]): Judged | null {
  const wire = encodeAs(form, world, { instructions, nonce: null, tampered: false }, world.wallet, 0n);
  if (!fits(wire)) return null;
  const simulated = simulateOnSvm(world.svm, wire, world.wallet);
  const { simulation } = simulated;
  if (simulation.status !== 'succeeded') return null;
  const verdicts = engines.map((engine) => verdictOf(engine, simulated));
  return {
    effects: comparable(simulation.effects),
    verdicts,
    decisions: verdicts.map((verdict) => verdict.split(' ')[0] ?? ''),
  };
}

function verdictOf(engine: PolicyGeneration, { decoded, facts, simulation }: SvmSimulation): string {
  const input = buildPolicyInput({
    request: { id: '01890a5d-ac96-774b-bcce-b302099a8057', method: 'sign', time: 1_767_225_600_000, localTimes: {} },
    agent: { kind: 'agent', id: 'trader', wallets: ['treasury'] },
    wallet: { id: 'treasury', address: world.wallet },
    transaction: decoded,
    effects: computeEffects(decoded, world.wallet, facts),
    simulation,
    chain: { slot: 1n, endpoints: 1, cached: [] },
    context: {},
  });
  const verdict = engine.evaluate(input);
  return [verdict.kind, ...[...new Set(verdict.reasons.map(({ code }) => code))].sort()].join(' ');
}

/** Without what the form is there to change: on what an effect rests, in which instruction it stands, who gets the signature. */
function comparable(effects: Effects): unknown {
  const { cpiSigners: _forms, dataAddresses: _data, ...rest } = effects;
  const text = JSON.stringify(rest, (key, value: unknown) => {
    if (key === 'basis' || key === 'instruction') return null;
    return typeof value === 'bigint' ? `${value}n` : value;
  });
  return JSON.parse(text);
}
