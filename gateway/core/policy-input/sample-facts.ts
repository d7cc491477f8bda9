// Owns one ordinary request, to warm an engine up and to measure with: a SOL transfer with a compute limit and price, v0.
import type { Address } from '../address.ts';
import { knownAddress } from '../base58.ts';
import { computeEffects } from '../effects/compute-effects.ts';
import type { PolicyFacts } from '../policy-input.ts';
import { NOT_SIMULATED } from '../simulation/simulation.ts';
import type { DecodedTransaction, KnownInstruction } from '../transaction/decoded-transaction.ts';

const COMPUTE_BUDGET = knownAddress('ComputeBudget111111111111111111111111111111');
const SYSTEM = knownAddress('11111111111111111111111111111111');
const BLOCKHASH = 'EETubP5AKHgjPAhzPAFcb8BAY1hMH639CWCFTqi3hq1k';
const AMOUNT = 1_000_000n;

export interface SampleNames {
  readonly agent: string;
  readonly wallet: string;
  readonly walletAddress: Address;
  readonly recipient: Address;
}

/** The same facts for the same names. */
export function sampleFacts(names: SampleNames): PolicyFacts {
  const transaction = sampleTransaction(names.walletAddress, names.recipient);
  return {
    request: { id: '01890a5d-ac96-774b-bcce-b302099a8057', method: 'sign', time: 1_767_225_600_000, localTimes: {} },
    agent: { kind: 'agent', id: names.agent, wallets: [names.wallet] },
    wallet: { id: names.wallet, address: names.walletAddress },
    transaction,
    effects: computeEffects(transaction, names.walletAddress, { slot: null, accounts: new Map() }),
    simulation: NOT_SIMULATED,
    chain: { slot: null, endpoints: 1, cached: [] },
    context: { purpose: 'a sample transfer' },
  };
}

function sampleTransaction(wallet: Address, recipient: Address): DecodedTransaction {
  const signing = { address: wallet, signer: true, writable: true };
  const receiving = { address: recipient, signer: false, writable: true };
  const named = (index: number, name: string, values: KnownInstruction['arguments']): KnownInstruction => ({
    kind: 'known',
    index,
    program: COMPUTE_BUDGET,
    programName: 'compute_budget',
    name,
    accounts: [],
    arguments: values,
    texts: {},
    parts: [],
    data: new Uint8Array(),
  });
  return {
    compiled: {
      version: 0,
      size: 267,
      messageBytes: new Uint8Array(),
      signatures: [null],
      header: { requiredSignatures: 1, readonlySigned: 0, readonlyUnsigned: 2 },
      staticAccounts: [wallet, recipient, COMPUTE_BUDGET, SYSTEM],
      lifetimeToken: BLOCKHASH,
      instructions: [],
      lookups: [],
      config: null,
    },
    feePayer: wallet,
    signers: [{ address: wallet, signed: false }],
    lifetime: { kind: 'blockhash', blockhash: BLOCKHASH },
    accounts: [signing, receiving],
    instructions: [
      named(0, 'set_compute_unit_limit', { units: 200_000n }),
      named(1, 'set_compute_unit_price', { micro_lamports: 1_000n }),
      {
        ...named(2, 'transfer', { lamports: AMOUNT }),
        program: SYSTEM,
        programName: 'system',
        accounts: [
          { ...signing, role: 'source' },
          { ...receiving, role: 'destination' },
        ],
      },
    ],
  };
}
