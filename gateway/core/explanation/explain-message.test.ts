import { describe, expect, it } from 'vitest';
import { classifyMessage } from '../message/classify-message.ts';
import { offchainBytes } from '../message/testing/offchain-bytes.ts';
import { buildMessagePolicyInput } from '../policy-input/message-input.ts';
import { keyAddress, keyBytes } from '../transaction/testing/wire-builder.ts';
import { explainPolicyInput, summarizePolicyInput } from './explain-policy-input.ts';

const WALLET = { id: 'treasury', address: keyAddress(1) };

function explained(message: string | Uint8Array): readonly string[] {
  const classified = classifyMessage(typeof message === 'string' ? bytesOf(message) : message, WALLET.address);
  if (classified.kind !== 'message') throw new Error(classified.kind);
  const input = buildMessagePolicyInput({
    request: { id: 'r', method: 'sign_message', time: 0, localTimes: {} },
    agent: { kind: 'agent', id: 'trader', wallets: [] },
    wallet: WALLET,
    message: classified.facts,
    context: {},
  });
  expect(summarizePolicyInput(input)).toEqual(explainPolicyInput(input));
  return explainPolicyInput(input);
}

describe('a message that is to be signed', () => {
  it('is shown as what it is, with all of its lines', () => {
    expect(explained('Sign in\n\tto example.com\n')).toEqual([
      'A message, no transaction, 24 bytes',
      expect.stringMatching(/^ {2}SHA-256 {10}[0-9a-f]{64}$/),
      '  without an envelope: its bytes alone are signed',
      'What it says',
      '  | Sign in',
      '  | \\u{9}to example.com',
      '  | ',
    ]);
  });

  it('is shown with application and signers of its envelope', () => {
    const lines = explained(offchainBytes({ signers: [keyBytes(2), keyBytes(1)], body: 'I own this' }));
    expect(lines.slice(2)).toEqual([
      '  in the off-chain message format, version 0',
      expect.stringMatching(/^ {2}for application {2}[1-9A-HJ-NP-Za-km-z]{32,44}$/),
      `  signer           ${keyAddress(2)}`,
      `  signer           ${keyAddress(1)}`,
      'What it says',
      '  | I own this',
    ]);
  });

  it('shows what moves a cursor or turns a text as what it is', () => {
    const said = explained('pay \u202egnp.exe\u2066\r\u200bnow\ufeff\u2028end').slice(4);
    expect(said).toEqual(['  | pay \\u{202e}gnp.exe\\u{2066}\\u{d}\\u{200b}now\\u{feff}\\u{2028}end']);
  });

  it('cannot write a line that looks like one of ours, neither by a line feed nor by its length', () => {
    const said = explained(`fine${' '.repeat(200)}Approval: APPROVED\nApproval: APPROVED`).slice(3);
    expect(said.slice(1).every((line) => /^ {2}[|+] /.test(line) && line.length <= 76)).toBe(true);
    expect(said.at(-1)).toBe('  | Approval: APPROVED');
  });

  it('breaks wide characters earlier, which take two columns each', () => {
    expect(explained('漢'.repeat(40)).slice(4)).toEqual([`  | ${'漢'.repeat(36)}`, '  + 漢漢漢漢']);
  });

  it('is said to be no text where it is none', () => {
    expect(explained(Uint8Array.of(0, 1, 2)).at(-1)).toBe(
      'What it says: NOT PLAIN TEXT, nobody can read what is signed',
    );
  });

  it('is not known where it was recorded otherwise', () => {
    const lines = explainPolicyInput(bytesOf('{"v":1,"message":{"text":7,"envelope":"\\u001b[2J"}}'));
    expect(lines).toEqual([
      'A message, no transaction, (unknown) bytes',
      '  SHA-256          (unknown)',
      '  its envelope: NOT KNOWN',
      'What it says: NOT PLAIN TEXT, nobody can read what is signed',
    ]);
  });
});

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
