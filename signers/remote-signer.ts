// Owns what all remote signers have in common: what they answer without asking their service, and that they end once.
import type { SignContext, Signer, SignerCheck, SignResult } from './signer.ts';

/** What differs: how the service is asked. */
export interface RemoteBackend {
  readonly name: string;
  readonly backend: string;
  readonly address: string;
  /** One attempt. There is something to sign, and time for it. */
  readonly sign: (messageBytes: Uint8Array, context: SignContext) => Promise<SignResult>;
  readonly check: (signal: AbortSignal) => Promise<SignerCheck>;
  readonly close: () => void;
}

export function remoteSigner({ name, backend, address, sign, check, close }: RemoteBackend): Signer {
  let isClosed = false;
  return {
    name,
    backend,
    address,
    custody: 'remote',
    repeatable: true,
    sign: async (messageBytes, context) =>
      answerUnasked(messageBytes, context, isClosed) ?? sign(messageBytes, context),
    check: async (signal) =>
      isClosed ? { kind: 'failed', field: null, reason: 'the signer is closed' } : check(signal),
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      close();
    },
  };
}

/** `null`: the service is to be asked. */
function answerUnasked(
  messageBytes: Uint8Array,
  { deadline, signal }: SignContext,
  isClosed: boolean,
): SignResult | null {
  if (isClosed) return unsent('the signer is closed');
  if (signal.aborted) return unsent('the call was aborted before the service was asked');
  if (!(Date.now() < deadline)) return unsent('the deadline passed before the service was asked');
  return messageBytes.length === 0 ? { kind: 'refused', reason: 'an empty message is never signed' } : null;
}

function unsent(reason: string): SignResult {
  return { kind: 'unavailable', reason, ambiguous: false };
}
