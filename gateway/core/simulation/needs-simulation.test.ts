// Proves when a simulation is worth a question.
import { createNoopSigner } from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import { describe, expect, it } from 'vitest';
import { computeEffects } from '../effects/compute-effects.ts';
import { decodeInstructions, rawInstruction } from '../effects/testing/judge.ts';
import { keyAddress } from '../transaction/testing/wire-builder.ts';
import { needsSimulation } from './needs-simulation.ts';

const WALLET = keyAddress(1);
const transfer = getTransferSolInstruction({
  source: createNoopSigner(WALLET),
  destination: keyAddress(2),
  amount: 1n,
});
const FACTS = { slot: 1n, accounts: new Map() };

describe('a simulation', () => {
  it('is not needed where every instruction is known', () => {
    const decoded = decodeInstructions(WALLET, [transfer]);
    expect(needsSimulation(decoded)).toBe(false);
    expect(needsSimulation(decoded, computeEffects(decoded, WALLET, FACTS))).toBe(false);
  });

  it('is needed for a program that is not known, wherever it stands', () => {
    expect(needsSimulation(decodeInstructions(WALLET, [transfer, rawInstruction(keyAddress(9), [], [1])]))).toBe(true);
  });

  it('is needed where a mint calls a program that is not known', () => {
    const decoded = decodeInstructions(WALLET, [transfer]);
    const effects = computeEffects(decoded, WALLET, FACTS);
    const missing = (fact: string) => ({ ...effects, missing: [{ fact, instruction: 0, detail: '' }] });
    expect(needsSimulation(decoded, missing('transfer_hook'))).toBe(true);
    expect(needsSimulation(decoded, missing('mint'))).toBe(false);
  });
});
