// Owns the policy input of a transaction: the one document that the policy judges, as the canonical JSON bytes that are evaluated
// and hashed. policies/schema/input.json describes it to policy authors.
import { canonicalJson } from './canonical-json.ts';
import type { ChainReading } from './effects/chain-facts.ts';
import type { Effects } from './effects/effects.ts';
import { chainJson } from './policy-input/chain-json.ts';
import { effectsJson } from './policy-input/effects-json.ts';
import { text } from './policy-input/json-text.ts';
import { type RequestFacts, requestJson } from './policy-input/request-json.ts';
import { simulationJson } from './policy-input/simulation-json.ts';
import { transactionJson } from './policy-input/transaction-json.ts';
import type { Agent, Wallet } from './principal/principal.ts';
import type { Simulation } from './simulation/simulation.ts';
import type { DecodedTransaction } from './transaction/decoded-transaction.ts';

export interface PolicyFacts {
  readonly request: RequestFacts<'sign' | 'sign_and_send'>;
  readonly agent: Agent;
  readonly wallet: Wallet;
  readonly transaction: DecodedTransaction;
  readonly effects: Effects;
  readonly simulation: Simulation;
  readonly chain: ChainReading;
  /** What the agent says of its intent. Free text: no library rule reads it. */
  readonly context: Readonly<Record<string, string>>;
}

const UTF8 = new TextEncoder();

/**
 * UTF-8 of the policy input, version 1. The same facts give the same bytes. Facts that are `null` are left out.
 * Throws on text that is not well-formed Unicode and on a time that is none.
 */
export function buildPolicyInput(facts: PolicyFacts): Uint8Array {
  const { request, agent, wallet } = facts;
  return UTF8.encode(
    `{"agent":{"id":${text(agent.id)}}` +
      `,"chain":${chainJson(facts.chain)}` +
      `,"context":${canonicalJson(facts.context)}` +
      `,"effects":${effectsJson(facts.effects)}` +
      `,"request":${requestJson(request)}` +
      `,"simulation":${simulationJson(facts.simulation)}` +
      `,"transaction":${transactionJson(facts.transaction)}` +
      `,"v":1` +
      `,"wallet":{"address":${text(wallet.address)},"id":${text(wallet.id)}}}`,
  );
}
