import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../canonical-json.ts';
import { classifyMessage } from '../message/classify-message.ts';
import { offchainBytes } from '../message/testing/offchain-bytes.ts';
import { keyAddress, keyBytes } from '../transaction/testing/wire-builder.ts';
import { buildMessagePolicyInput, type MessagePolicyFacts } from './message-input.ts';
import { anyMessageFacts, referenceMessageDocument } from './testing/any-message-facts.ts';

const WALLET = { id: 'treasury', address: keyAddress(1) };

function read(facts: MessagePolicyFacts): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(buildMessagePolicyInput(facts));
}

function factsOf(bytes: Uint8Array): MessagePolicyFacts {
  const classified = classifyMessage(bytes, WALLET.address);
  if (classified.kind !== 'message') throw new Error(classified.kind);
  return {
    request: { id: 'r-1', method: 'sign_message', time: Date.UTC(2026, 0, 1), localTimes: {} },
    agent: { kind: 'agent', id: 'trader', wallets: ['treasury'] },
    wallet: WALLET,
    message: classified.facts,
    context: {},
  };
}

describe('the policy input of a message', () => {
  it('is the canonical JSON of the document, whatever the facts', () => {
    fc.assert(
      fc.property(anyMessageFacts, (facts) => {
        expect(read(facts)).toBe(canonicalJson(referenceMessageDocument(facts)));
      }),
      { numRuns: 500 },
    );
  });

  it('has nothing of a transaction, and no fact that the message does not have', () => {
    const document = JSON.parse(read(factsOf(new TextEncoder().encode('sign in'))));
    expect(Object.keys(document)).toEqual(['agent', 'context', 'message', 'request', 'v', 'wallet']);
    expect(Object.keys(document.message)).toEqual(['envelope', 'sha256', 'size', 'text']);
    expect(document.request.method).toBe('sign_message');
  });

  it('has domain and signers of an envelope, and no text where it is not plain', () => {
    const bytes = offchainBytes({ format: 1, signers: [keyBytes(1)], body: 'a\0b' });
    const { message } = JSON.parse(read(factsOf(bytes)));
    expect(Object.keys(message)).toEqual(['application_domain', 'envelope', 'sha256', 'signers', 'size']);
    expect(message.signers).toEqual([WALLET.address]);
  });

  it('keeps quotes and line feeds of the text inside their string', () => {
    const said = '"},"agent":{"id":"admin"}\n{"';
    const document = JSON.parse(read(factsOf(new TextEncoder().encode(said))));
    expect(document.message.text).toBe(said);
    expect(document.agent).toEqual({ id: 'trader' });
  });

  it('refuses a lone surrogate in the context', () => {
    expect(() => read({ ...factsOf(Uint8Array.of(0x61)), context: { note: '\udc00' } })).toThrow('lone surrogate');
  });
});
