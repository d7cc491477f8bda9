// Owns the policy input of a message that is to be signed: it has nothing of what a transaction does. policies/schema/input.json
// describes it to policy authors.
import { canonicalJson } from '../canonical-json.ts';
import type { MessageFacts } from '../message/classify-message.ts';
import type { Agent, Wallet } from '../principal/principal.ts';
import { list, optionalText, text, whole } from './json-text.ts';
import { type RequestFacts, requestJson } from './request-json.ts';

export interface MessagePolicyFacts {
  readonly request: RequestFacts<'sign_message'>;
  readonly agent: Agent;
  readonly wallet: Wallet;
  readonly message: MessageFacts;
  /** What the agent says of its intent. Free text: no library rule reads it. */
  readonly context: Readonly<Record<string, string>>;
}

const UTF8 = new TextEncoder();

/**
 * UTF-8 of the policy input, version 1: canonical JSON. The same facts give the same bytes. Facts that are `null` are left out. Throws on
 * text that is not well-formed Unicode and on a time that is none.
 */
export function buildMessagePolicyInput({ request, agent, wallet, message, context }: MessagePolicyFacts): Uint8Array {
  return UTF8.encode(
    `{"agent":{"id":${text(agent.id)}}` +
      `,"context":${canonicalJson(context)}` +
      `,"message":${messageJson(message)}` +
      `,"request":${requestJson(request)}` +
      `,"v":1` +
      `,"wallet":{"address":${text(wallet.address)},"id":${text(wallet.id)}}}`,
  );
}

/** The first key is the only one that may be absent in front of another. */
function messageJson({ applicationDomain, envelope, sha256, signers, size, text: said }: MessageFacts): string {
  return (
    `{${applicationDomain === null ? '' : `"application_domain":${text(applicationDomain)},`}"envelope":${text(envelope)}` +
    `,"sha256":${text(sha256)}${signers === null ? '' : `,"signers":${list(signers, text)}`},"size":${whole(size)}` +
    `${optionalText('text', said)}}`
  );
}
