// Owns the `privy` signer: a wallet in Privy's enclaves, which sees whole transactions and has policies of its own.
import { createHash } from 'node:crypto';
import { remoteSigner } from '../remote-signer.ts';
import { unsignedOf } from '../service-answer.ts';
import type { SignContext, Signer, SignResult } from '../signer.ts';
import { canonicalJson } from './canonical-json.ts';
import { PRIVY } from './fault-meaning.ts';
import { createPrivyApi, type PrivyApi } from './privy-api.ts';
import { checkPrivy } from './privy-check.ts';
import type { PrivyOptions } from './privy-options.ts';
import { type RpcRequest, rpcRequest } from './rpc-request.ts';

/** Privy's clock and ours may differ so much. */
const CLOCK_ALLOWANCE_MS = 60_000;

/** @throws Error when the URL is none. */
export function createPrivySigner(options: PrivyOptions): Signer {
  const { name, address, walletId } = options;
  const api = createPrivyApi(options);
  return remoteSigner({
    name,
    backend: 'privy',
    address,
    sign: async (messageBytes, context) => {
      const reading = rpcRequest(address, messageBytes, context);
      if (reading.kind === 'unfit') return { kind: 'refused', reason: reading.reason };
      return ask(api, walletId, reading.request, context);
    },
    check: (signal) => checkPrivy(api, options, signal),
    close: () => {
      api.close();
    },
  });
}

async function ask(
  api: PrivyApi,
  walletId: string,
  { body, signatureIn }: RpcRequest,
  { idempotencyKey, deadline, signal }: SignContext,
): Promise<SignResult> {
  const answer = await api.call(
    {
      method: 'POST',
      path: `/v1/wallets/${walletId}/rpc`,
      body,
      idempotencyKey: keyOf(walletId, idempotencyKey, canonicalJson(body)),
      expiresAt: Math.ceil(deadline) + CLOCK_ALLOWANCE_MS,
    },
    signal,
  );
  if (answer.kind !== 'answered') return unsignedOf(PRIVY, answer);
  const own = signatureIn(answer.body);
  if (own.kind === 'found') return { kind: 'signed', signature: own.signature };
  return { kind: 'unavailable', reason: `Privy: ${own.reason}`, ambiguous: true };
}

/** Never the same for another wallet or other bytes, for which Privy would refuse it. */
function keyOf(walletId: string, idempotencyKey: string, body: string): string {
  return createHash('sha256')
    .update(JSON.stringify([walletId, idempotencyKey, body]))
    .digest('hex');
}
