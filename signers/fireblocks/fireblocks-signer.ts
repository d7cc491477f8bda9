// Owns the `fireblocks` signer: a key in shares with Fireblocks and its co-signers, which sees bytes and asks its own policy who may have them signed.
import { bytesFromBase58, SIGNATURE_BYTES } from '../ed25519-key.ts';
import { bytesFromHex } from '../hex.ts';
import { remoteSigner } from '../remote-signer.ts';
import { unsignedOf } from '../service-answer.ts';
import type { SignContext, Signer, SignResult } from '../signer.ts';
import { createExternalIds, type ExternalIds } from './external-ids.ts';
import { FIREBLOCKS, meaningOf } from './fault-meaning.ts';
import { createFireblocksApi, type FireblocksAnswer, type FireblocksApi } from './fireblocks-api.ts';
import { checkFireblocks } from './fireblocks-check.ts';
import type { FireblocksOptions } from './fireblocks-options.ts';
import { awaitTransaction, createdIn, type RawTransaction, type Whereabouts } from './raw-transaction.ts';

/** @throws Error when the URL is none. */
export function createFireblocksSigner(options: FireblocksOptions): Signer {
  const { name, address, vaultAccountId, assetId } = options;
  const api = createFireblocksApi(options);
  const ids = createExternalIds([vaultAccountId, assetId]);
  return remoteSigner({
    name,
    backend: 'fireblocks',
    address,
    sign: (messageBytes, context) => submit({ api, ids, options }, messageBytes, context),
    check: (signal) => checkFireblocks(api, options, signal),
    close: () => api.close(),
  });
}

interface Submission {
  readonly api: FireblocksApi;
  readonly ids: ExternalIds;
  readonly options: FireblocksOptions;
}

async function submit(
  { api, ids, options }: Submission,
  messageBytes: Uint8Array,
  { idempotencyKey, signal }: SignContext,
): Promise<SignResult> {
  const externalTxId = ids.of(idempotencyKey, messageBytes);
  const body = JSON.stringify(rawRequest(options, externalTxId, messageBytes));
  const answer = await api.call({ method: 'POST', path: '/transactions', body }, signal);
  const created = whereabouts(answer, externalTxId);
  if ('kind' in created) return created;
  const awaited = await awaitTransaction(api, externalTxId, created, signal);
  if (awaited.kind === 'open') {
    return { ...maybeSigned(awaited.reason), ...(awaited.cause === null ? {} : { cause: awaited.cause }) };
  }
  const result = resultOf(awaited.transaction, options.address);
  if (result.kind === 'unavailable' && !result.ambiguous) ids.renew(idempotencyKey);
  return result;
}

/** The key is the one of the vault account and the asset: no derivation path is asked for. */
function rawRequest(
  { name, vaultAccountId, assetId }: FireblocksOptions,
  externalTxId: string,
  messageBytes: Uint8Array,
): object {
  return {
    operation: 'RAW',
    externalTxId,
    assetId,
    source: { type: 'VAULT_ACCOUNT', id: vaultAccountId },
    note: `Countersign: ${name}`,
    extraParameters: { rawMessageData: { messages: [{ content: Buffer.from(messageBytes).toString('hex') }] } },
  };
}

function whereabouts(answer: FireblocksAnswer, externalTxId: string): Whereabouts | SignResult {
  if (answer.kind === 'answered') {
    const id = createdIn(answer.body);
    return id === null ? maybeSigned('Fireblocks answered something that is no transaction') : { id };
  }
  if (answer.kind === 'error' && meaningOf(answer.fault) === 'known') return { externalTxId };
  return unsignedOf(FIREBLOCKS, answer);
}

function maybeSigned(reason: string): Extract<SignResult, { readonly kind: 'unavailable' }> {
  return { kind: 'unavailable', reason, ambiguous: true };
}

function resultOf(transaction: RawTransaction, address: string): SignResult {
  const { id, status, subStatus } = transaction;
  const why = subStatus == null ? '' : ` (${subStatus})`;
  switch (status) {
    case 'COMPLETED':
      return signatureIn(transaction, address);
    case 'BLOCKED':
    case 'REJECTED':
    case 'CANCELLED':
      return { kind: 'refused', reason: `transaction ${id} was ${status} at Fireblocks${why}` };
    default: {
      const reason = `transaction ${id} ended at Fireblocks without a signature: ${status}${why}`;
      // As it does where raw signing is not enabled at all.
      if (subStatus === 'BLOCKED_BY_POLICY') return { kind: 'refused', reason };
      return { kind: 'unavailable', reason, ambiguous: false };
    }
  }
}

function signatureIn({ id, signedMessages }: RawTransaction, address: string): SignResult {
  const [signed, ...others] = signedMessages ?? [];
  if (signed === undefined || others.length > 0) {
    return maybeSigned(`transaction ${id} is completed, but does not hold one signature`);
  }
  if (signed.publicKey != null && signed.publicKey.toLowerCase() !== hexOf(address)) {
    return maybeSigned(`transaction ${id} was signed with another key than the one of the configured address`);
  }
  const signature = bytesFromHex(signed.signature.fullSig);
  if (signature?.length !== SIGNATURE_BYTES) {
    return maybeSigned(`transaction ${id} is completed, but its signature has not ${SIGNATURE_BYTES} bytes`);
  }
  return { kind: 'signed', signature };
}

function hexOf(address: string): string {
  return Buffer.from(bytesFromBase58(address)).toString('hex');
}
