// Owns sample values in the pipeline's own shapes, for tests of the edge and of the clients.
import { address } from '@solana/kit';
import type { Effects } from '../../core/effects/effects.ts';
import { NO_EFFECTS } from '../../core/effects/testing/no-effects.ts';
import { buildPolicyInput } from '../../core/policy-input.ts';
import type { Agent, Operator } from '../../core/principal/principal.ts';
import { NOT_SIMULATED } from '../../core/simulation/simulation.ts';
import type { DecodedTransaction } from '../../core/transaction/decoded-transaction.ts';
import type { ApprovalView } from '../../pipeline/outcome.ts';
import type { ApprovalRecord } from '../../state/contract/approval-store.ts';
import type { RequestRecord } from '../../state/contract/request-store.ts';

export const AGENT: Agent = { kind: 'agent', id: 'shopper', wallets: ['treasury'] };
export const OPERATOR: Operator = {
  kind: 'operator',
  id: 'olga',
  roles: ['admin', 'approver', 'auditor'],
  groups: ['finance'],
};

export const WALLET = address('9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin');
export const STRANGER = address('4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T');
export const SYSTEM = address('11111111111111111111111111111111');
export const MINT = address('EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v');
export const REQUEST_ID = '5f8c1a7e-3b1d-4c5e-9a77-0d6f0a7b2c11';
export const APPROVAL_ID = '9d3f6f0a-64c1-4a3b-8f0e-1c2d3e4f5a6b';

export function sampleRequest(change: Partial<RequestRecord> = {}): RequestRecord {
  return {
    requestId: REQUEST_ID,
    ask: {
      method: 'sign',
      agentId: AGENT.id,
      walletId: 'treasury',
      received: new Uint8Array([1, 2, 3]),
      setFreshBlockhash: false,
      idempotencyKey: null,
      context: { purpose: 'invoice 17' },
    },
    askDigest: new Uint8Array(32).fill(1),
    judgement: {
      decision: {
        decisionId: '1c9f4dbe-52f8-4a57-8a3f-6f1f5b8f0a10',
        verdict: {
          kind: 'allow',
          reasons: [{ code: 'ALLOWED', rule: 'spending_limit', message: 'within', facts: {} }],
        },
        bundleRevision: 'rev-1',
        inputDigest: new Uint8Array(32).fill(2),
      },
      policyInput: new TextEncoder().encode('{"v":1}'),
      transaction: new Uint8Array([1, 2, 3]),
      messageDigest: new Uint8Array(32).fill(3),
      intentDigest: new Uint8Array(32).fill(4),
      lastValidBlockHeight: 100n,
    },
    state: 'SIGNED',
    custody: { wallet: 'process', feePayer: 'remote' },
    approvalId: null,
    signedTransaction: new Uint8Array([9, 9]),
    walletSignature: 'walletSig',
    transactionSignature: 'txSig',
    slot: null,
    error: null,
    isDue: true,
    createdAt: 1_700_000_000_000,
    updatedAt: 1_700_000_000_500,
    ...change,
  };
}

export function sampleApproval(change: Partial<ApprovalRecord> = {}): ApprovalRecord {
  return {
    approvalId: APPROVAL_ID,
    requestId: REQUEST_ID,
    agentId: AGENT.id,
    walletId: 'treasury',
    state: 'PENDING',
    requirement: { quorum: 2, groups: ['finance'], timeoutSeconds: 3600 },
    reasons: [
      {
        code: 'AMOUNT_NEEDS_APPROVAL',
        rule: 'human_approval',
        message: 'more than 1 SOL needs two people',
        facts: { amount: '18446744073709551615' },
      },
    ],
    intentDigest: new Uint8Array(32).fill(4),
    excess: [],
    votes: [],
    createdAt: 1_700_000_000_000,
    expiresAt: 1_700_003_600_000,
    readAt: 1_700_000_001_000,
    escalatedAt: null,
    supersededBy: null,
    ...change,
  };
}

export function sampleTransaction(): DecodedTransaction {
  const from = { address: WALLET, signer: true, writable: true };
  const to = { address: STRANGER, signer: false, writable: true };
  const accounts = [from, to];
  return {
    compiled: {
      version: 0,
      size: 215,
      messageBytes: new Uint8Array([0x80]),
      signatures: [null],
      header: { requiredSignatures: 1, readonlySigned: 0, readonlyUnsigned: 1 },
      staticAccounts: [WALLET, STRANGER, SYSTEM],
      lifetimeToken: SYSTEM,
      instructions: [],
      lookups: [],
      config: null,
    },
    feePayer: WALLET,
    signers: [{ address: WALLET, signed: false }],
    lifetime: { kind: 'blockhash', blockhash: SYSTEM },
    accounts,
    instructions: [
      {
        kind: 'known',
        index: 0,
        program: SYSTEM,
        programName: 'system',
        name: 'transfer_sol',
        accounts: [
          { ...from, role: 'source' },
          { ...to, role: 'destination' },
        ],
        arguments: { amount: 18_446_744_073_709_551_615n, memo: null, flag: true },
        texts: {},
        parts: [],
        data: new Uint8Array([2, 0, 0, 0]),
      },
      {
        kind: 'unknown',
        index: 1,
        program: STRANGER,
        programName: null,
        reason: 'nobody knows this program',
        accounts,
        data: new Uint8Array([7]),
      },
    ],
  };
}

export function sampleEffects(): Effects {
  return {
    ...NO_EFFECTS,
    transfers: [
      {
        instruction: 0,
        basis: 'message',
        withheld: 0n,
        asset: 'SOL',
        amount: 18_446_744_073_709_551_615n,
        decimals: 9,
        source: WALLET,
        sourceOwner: WALLET,
        destination: STRANGER,
        recipient: STRANGER,
      },
      {
        instruction: 1,
        basis: 'message',
        withheld: 0n,
        asset: MINT,
        amount: 1_500_000n,
        decimals: null,
        source: WALLET,
        sourceOwner: null,
        destination: STRANGER,
        recipient: null,
      },
    ],
    outflows: [{ asset: 'SOL', amount: 36_893_488_147_419_103_230n, decimals: 9 }],
    outflowsByRecipient: [{ asset: 'SOL', recipient: STRANGER, amount: 36_893_488_147_419_103_230n }],
    fee: { payer: WALLET, baseLamports: 5000n, priorityLamports: 0n, totalLamports: 5000n },
    rentLamports: 2_039_280n,
    approvals: [
      { instruction: 1, basis: 'message', account: WALLET, owner: WALLET, delegate: STRANGER, asset: null, amount: 5n },
    ],
    authorityChanges: [
      { instruction: 1, basis: 'message', kind: 'close_account', account: WALLET, from: WALLET, to: null },
    ],
    closes: [{ instruction: 1, basis: 'message', account: WALLET, owner: WALLET, destination: STRANGER }],
    missing: [{ fact: 'mint', instruction: null, detail: 'the mint could not be read' }],
  };
}

export function sampleView(change: Partial<ApprovalRecord> = {}): ApprovalView {
  return {
    approval: sampleApproval(change),
    request: sampleRequest({ state: 'AWAITING_APPROVAL' }),
    walletAddress: WALLET,
    transaction: sampleTransaction(),
    effects: sampleEffects(),
    message: null,
    policyInput: samplePolicyInput(),
    standing: { counted: 0, missing: 2, openSeats: [] },
    notCounted: new Map(),
    frozen: null,
    limits: [],
    units: new Map(),
    changes: [],
  };
}

/** Of the sample transaction, as the policy would judge it. */
export function samplePolicyInput(): Uint8Array {
  const request = sampleRequest();
  return buildPolicyInput({
    request: { id: REQUEST_ID, method: 'sign', time: 1_700_000_000_000, localTimes: {} },
    agent: AGENT,
    wallet: { id: request.ask.walletId, address: WALLET },
    transaction: sampleTransaction(),
    effects: sampleEffects(),
    simulation: NOT_SIMULATED,
    chain: { slot: null, endpoints: 1, cached: [] },
    context: request.ask.context,
  });
}
