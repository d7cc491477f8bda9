// Owns how a message that is to be signed looks on the wire.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { JudgedMessageSchema } from '../../../proto/gen/countersign/v1/message_pb.ts';
import type { MessageFacts } from '../../core/message/classify-message.ts';

/** `bytes`: those that the facts are of. */
export function judgedMessage(
  bytes: Uint8Array,
  { envelope, text, applicationDomain, signers }: MessageFacts,
): MessageInitShape<typeof JudgedMessageSchema> {
  return {
    message: bytes,
    envelope,
    ...(text === null ? {} : { text }),
    applicationDomain: applicationDomain ?? '',
    signers: [...(signers ?? [])],
  };
}
