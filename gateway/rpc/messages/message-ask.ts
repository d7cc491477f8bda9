// Owns what an agent may put into a call of SignMessage: protobuf request → the pipeline's question.
import type { SignMessageRequest } from '../../../proto/gen/countersign/v1/signing_pb.ts';
import { MAX_MESSAGE_BYTES } from '../../core/message/classify-message.ts';
import type { MessageAsk } from '../../pipeline/outcome.ts';
import { refuseField } from '../fields.ts';
import { contextField, idempotencyKeyField, walletField } from './ask-fields.ts';

/** Throws INVALID_FIELD. */
export function messageAsk({ wallet, message, idempotencyKey, context }: SignMessageRequest): MessageAsk {
  return {
    walletName: walletField(wallet),
    message: messageField(message),
    idempotencyKey: idempotencyKeyField(idempotencyKey),
    context: contextField(context),
  };
}

function messageField(value: Uint8Array): Uint8Array {
  if (value.length === 0) refuseField('message', `1 to ${MAX_MESSAGE_BYTES} bytes`, 'nothing');
  if (value.length > MAX_MESSAGE_BYTES) {
    refuseField('message', `at most ${MAX_MESSAGE_BYTES} bytes`, `${value.length} bytes`);
  }
  return value;
}
