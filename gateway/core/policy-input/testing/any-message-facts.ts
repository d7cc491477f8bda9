// Owns random facts of messages for tests of what is written from them, and the slow and obvious document that must come out.
import { getAddressDecoder } from '@solana/kit';
import * as fc from 'fast-check';
import type { Address } from '../../address.ts';
import type { CanonicalValue } from '../../canonical-json.ts';
import { anyCharacter } from '../../testing/any-character.ts';
import { localTimes } from '../local-time.ts';
import type { MessagePolicyFacts } from '../message-input.ts';

const anyAddress: fc.Arbitrary<Address> = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => getAddressDecoder().decode(bytes));
const anyText = fc.string({ unit: anyCharacter, maxLength: 40 });
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });

export const anyMessageFacts: fc.Arbitrary<MessagePolicyFacts> = fc
  .record({
    agentId: anyText,
    address: anyAddress,
    context: fc.dictionary(anyText, anyText, { maxKeys: 4 }),
    time: fc.integer({ min: 0, max: 4_000_000_000_000 }),
    zones: fc.subarray(['UTC', 'Europe/Zurich', 'America/St_Johns']),
    message: fc.record({
      envelope: fc.constantFrom('none' as const, 'offchain_v0' as const),
      sha256: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex')),
      size: fc.nat(4096),
      text: optional(anyText),
      applicationDomain: optional(anyAddress),
      signers: optional(fc.array(anyAddress, { maxLength: 3 })),
    }),
  })
  .map(({ agentId, address, context, time, zones, message }) => ({
    request: { id: 'a request', method: 'sign_message', time, localTimes: localTimes(time, zones) },
    agent: { kind: 'agent', id: agentId, wallets: [] },
    wallet: { id: 'treasury', address },
    message,
    context,
  }));

/** The document whose canonical JSON `buildMessagePolicyInput` must write. */
export function referenceMessageDocument(facts: MessagePolicyFacts): CanonicalValue {
  const { request, agent, wallet, message, context } = facts;
  const times = Object.entries(request.localTimes).map(([zone, { date, weekday, minuteOfDay }]) => [
    zone,
    { date, weekday, minute_of_day: BigInt(minuteOfDay) },
  ]);
  const present: { [key: string]: CanonicalValue } = { envelope: message.envelope, sha256: message.sha256 };
  present.size = BigInt(message.size);
  if (message.text !== null) present.text = message.text;
  if (message.applicationDomain !== null) present.application_domain = message.applicationDomain;
  if (message.signers !== null) present.signers = message.signers;
  return {
    v: 1n,
    request: {
      id: request.id,
      local_times: Object.fromEntries(times),
      method: 'sign_message',
      time: new Date(request.time).toISOString(),
      time_unix_ms: BigInt(request.time),
    },
    agent: { id: agent.id },
    wallet: { id: wallet.id, address: wallet.address },
    message: present,
    context,
  };
}
