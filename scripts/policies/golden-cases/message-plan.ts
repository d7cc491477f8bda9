// Owns how a planned message becomes the policy input of a golden case: the core reads its bytes, as it does those of an agent.
import { classifyMessage } from '../../../gateway/core/message/classify-message.ts';
import { buildMessagePolicyInput } from '../../../gateway/core/policy-input/message-input.ts';
import { type GoldenTime, goldenRequest } from './golden-request.ts';
import { WALLET } from './scene.ts';

export interface MessagePlan {
  /** Begins with the decision that is expected: allow, approval or deny. */
  readonly name: string;
  readonly description: string;
  /** Text stands for its UTF-8. */
  readonly message: string | Uint8Array;
  readonly caller: readonly [agent: string, wallet: string];
  /** The usual time, and no zone, when not given. */
  readonly time?: GoldenTime;
}

/** Throws when no policy would be asked about these bytes. */
export function messageInput({ message, caller: [agent, wallet], time }: MessagePlan): Uint8Array {
  const bytes = typeof message === 'string' ? new TextEncoder().encode(message) : message;
  const read = classifyMessage(bytes, WALLET);
  if (read.kind !== 'message') throw new Error(`no message for a policy: ${JSON.stringify(read)}`);
  return buildMessagePolicyInput({
    request: goldenRequest('sign_message', time),
    agent: { kind: 'agent', id: agent, wallets: [wallet] },
    wallet: { id: wallet, address: WALLET },
    message: read.facts,
    context: {},
  });
}
