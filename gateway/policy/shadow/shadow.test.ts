import { address } from '@solana/kit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Verdict } from '../../core/decision/decision.ts';
import type { Effects } from '../../core/effects/effects.ts';
import { sampleFacts } from '../../core/policy-input/sample-facts.ts';
import { buildPolicyInput } from '../../core/policy-input.ts';
import type { ShadowTally } from '../../state/contract/policy-store.ts';
import { buildFiles } from '../build/build-bundle.ts';
import { PROJECT } from '../build/opa.ts';
import { writeArchive } from '../bundle/write-archive.ts';
import { type Shadow, startShadow } from './shadow.ts';
import type { ShadowFindings } from './shadow-tally.ts';

const ALLOW: Verdict = { kind: 'allow', reasons: [] };
const FACTS = sampleFacts({
  agent: 'trader',
  wallet: 'treasury',
  walletAddress: address('BPFLoaderUpgradeab1e11111111111111111111111'),
  recipient: address('Stake11111111111111111111111111111111111111'),
});

let archive: Uint8Array;
let shadow: Shadow;
let findings: ShadowFindings[];

function inputOf(lamports: bigint): Uint8Array {
  const outflows = [{ asset: 'SOL', amount: lamports, decimals: 9 }];
  const effects: Effects = { ...FACTS.effects, outflows };
  return buildPolicyInput({ ...FACTS, effects });
}

function total(kind: ShadowTally['kind']): bigint {
  return findings
    .flatMap(({ tallies }) => tallies)
    .filter((tally) => tally.kind === kind)
    .reduce((sum, { decisions }) => sum + decisions, 0n);
}

beforeAll(async () => {
  const { files } = await buildFiles({ dataFile: `${PROJECT}/policies/data/example.json` });
  archive = writeArchive(files);
  findings = [];
  shadow = await startShadow({
    archive,
    label: 'shadow',
    found: (found) => void findings.push(found),
    failed: (error) => {
      throw error;
    },
  });
});

afterAll(() => shadow.stop());

describe('a shadow', () => {
  it('counts what it would have decided otherwise, with its exposure and samples', async () => {
    findings = [];
    shadow.judged(inputOf(1n), ALLOW, 5, 'r1');
    shadow.judged(inputOf(9_000_000_000n), ALLOW, 6, 'r1');
    await vi.waitFor(() => expect(total('judged')).toBe(2n));
    expect(total('newly_denied')).toBe(1n);
    const denied = findings.flatMap(({ tallies }) => tallies).find(({ kind }) => kind === 'newly_denied');
    expect(denied?.exposure).toEqual({ SOL: 9_000_000_000n });
    const samples = findings
      .flatMap((found) => found.samples)
      .filter(({ difference }) => difference === 'newly_denied');
    expect(samples).toMatchObject([
      {
        requestId: FACTS.request.id,
        agentId: 'trader',
        walletId: 'treasury',
        active: ALLOW,
        shadow: { kind: 'deny' },
        time: 6,
      },
    ]);
  });

  it('leaves out what it cannot keep up with, and says how much', async () => {
    findings = [];
    const asked = 20_000;
    const input = inputOf(1n);
    const started = performance.now();
    for (let i = 0; i < asked; i++) shadow.judged(input, ALLOW, 7, 'r1');
    const milliseconds = performance.now() - started;
    await vi.waitFor(() => expect(total('judged') + total('skipped')).toBe(BigInt(asked)), { timeout: 30_000 });
    expect(total('skipped')).toBeGreaterThan(0n);
    expect(total('judged')).toBeGreaterThan(0n);
    // Nobody waits for it.
    expect(milliseconds).toBeLessThan(500);
  });

  it('of a bundle that is none is refused', async () => {
    const nothing = { found: () => undefined, failed: () => undefined };
    await expect(startShadow({ archive: new Uint8Array(9), label: 'broken', ...nothing })).rejects.toThrow('broken');
  });

  it('that is stopped says how much it had not judged yet, of the revision that decided', async () => {
    const told: [ShadowFindings, string][] = [];
    const found = (findings: ShadowFindings, active: string) => void told.push([findings, active]);
    const short = await startShadow({ archive, label: 's', found, failed: () => {} });
    for (let i = 0; i < 3; i++) short.judged(inputOf(1n), ALLOW, 8, 'r7');
    await short.stop();
    expect(told).toEqual([[{ tallies: [{ kind: 'skipped', decisions: 3n, exposure: {} }], samples: [] }, 'r7']]);
  });

  it('that was stopped says nothing more', async () => {
    const told: ShadowFindings[] = [];
    const short = await startShadow({ archive, label: 's', found: (found) => void told.push(found), failed: () => {} });
    await short.stop();
    short.judged(inputOf(1n), ALLOW, 8, 'r1');
    expect(told).toEqual([]);
  });
});
