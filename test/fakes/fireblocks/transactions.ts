// Owns the transactions of the fake: RAW ones from a vault account, each external id only once and for good (developers.fireblocks.com, "Structure
// the API call", "API idempotency"; fireblocks/fireblocks-openapi-spec: TransactionRequest, CreateTransactionResponse, TransactionResponse,
// SignedMessage; the values of fields that stand for nothing in a RAW transaction are those of the answer in "Typed message signing").
import { generateKeyPairSync, type KeyObject, randomBytes, randomUUID, sign } from 'node:crypto';
import * as z from 'zod';
import { publicKeyBytes } from '../../../signers/ed25519-key.ts';
import { badBody, FireblocksFailure } from './faults.ts';
import type { Vault } from './vault.ts';

export type Forgery = 'wrong_signature' | 'other_message' | 'other_key' | 'no_signature';

/** How a transaction goes. */
export interface Course {
  /** Final statuses, and any that Fireblocks may think of. */
  readonly ends: string;
  readonly subStatus?: string;
  /** What it is when it is asked for, one after the other, before it ends. */
  readonly through?: readonly string[];
}

export interface Transactions {
  /** @throws FireblocksFailure, and then there is no transaction. */
  readonly create: (body: unknown, forgery: Forgery | null) => object;
  /** @throws FireblocksFailure where there is none. */
  readonly read: (by: 'id' | 'externalTxId', value: string) => object;
  /** Of the next one that is created. */
  readonly setNextCourse: (course: Course) => void;
  /** Those that are not final go on to this end. */
  readonly finishAll: (ends: string) => void;
  readonly count: () => number;
  /** In the order in which they were created. */
  readonly externalIds: () => readonly string[];
}

const requestSchema = z.strictObject({
  operation: z.literal('RAW'),
  // Required since March 2026; how long one may be is not documented.
  externalTxId: z.string().min(1).max(255),
  assetId: z.string(),
  source: z.strictObject({ type: z.literal('VAULT_ACCOUNT'), id: z.string() }),
  note: z.string().optional(),
  extraParameters: z.strictObject({
    rawMessageData: z.strictObject({
      messages: z
        .array(z.strictObject({ content: z.string().regex(/^([0-9a-f]{2})+$/) }))
        .min(1)
        .max(127),
    }),
  }),
});

interface Kept {
  readonly id: string;
  readonly request: z.output<typeof requestSchema>;
  /** Of the wallet that it is from. */
  readonly key: KeyObject;
  readonly createdAt: number;
  readonly forgery: Forgery | null;
  readonly subStatus: string;
  ends: string;
  through: readonly string[];
}

export function createTransactions({ keyOf }: Pick<Vault, 'keyOf'>): Transactions {
  const kept: Kept[] = [];
  let next: Course = { ends: 'COMPLETED' };
  return {
    create: (body, forgery) => {
      const read = requestSchema.safeParse(body);
      if (!read.success) throw badBody(read.error.issues[0]?.path.join('.') ?? 'body');
      const request = read.data;
      const key = keyOf(request.source.id, request.assetId);
      if (kept.some((each) => each.request.externalTxId === request.externalTxId)) {
        throw new FireblocksFailure(400, 1438, 'The external tx id that was provided in the request, already exists');
      }
      const { ends, subStatus = '', through = [] } = next;
      next = { ends: 'COMPLETED' };
      const transaction = { id: randomUUID(), request, key, createdAt: Date.now(), forgery, ends, subStatus, through };
      kept.push(transaction);
      return { id: transaction.id, status: 'SUBMITTED' };
    },
    read: (by, value) => {
      const found = kept.find((each) => (by === 'id' ? each.id : each.request.externalTxId) === value);
      // Words and code are not documented.
      if (found === undefined) throw new FireblocksFailure(404, 1404, 'Transaction not found');
      const [status = found.ends, ...later] = found.through;
      found.through = later;
      return shown(found, status);
    },
    setNextCourse: (course) => {
      next = course;
    },
    finishAll: (ends) => {
      for (const each of kept) [each.through, each.ends] = [[], ends];
    },
    count: () => kept.length,
    externalIds: () => kept.map(({ request }) => request.externalTxId),
  };
}

function shown({ id, request, key, createdAt, forgery, ends, subStatus }: Kept, status: string): object {
  const { externalTxId, assetId, source, note = '', extraParameters } = request;
  const [message] = extraParameters.rawMessageData.messages;
  const isSigned = status === 'COMPLETED' && forgery !== 'no_signature' && message !== undefined;
  return {
    id,
    externalTxId,
    status,
    subStatus: status === ends ? subStatus : '',
    txHash: '',
    operation: 'RAW',
    note,
    assetId,
    source: { ...source, name: 'Treasury', subType: '' },
    destination: { id: null, type: 'UNKNOWN', name: 'N/A', subType: '' },
    sourceAddress: '',
    createdAt,
    lastUpdated: createdAt,
    createdBy: randomUUID(),
    signedBy: [],
    rejectedBy: '',
    extraParameters,
    amountInfo: {},
    feeInfo: {},
    signedMessages: isSigned ? [signedMessage(message.content, { key, vaultAccountId: source.id }, forgery)] : [],
  };
}

function signedMessage(
  content: string,
  { key, vaultAccountId }: { readonly key: KeyObject; readonly vaultAccountId: string },
  forgery: Forgery | null,
): object {
  const fullSig = signatureOver(Buffer.from(content, 'hex'), key, forgery).toString('hex');
  return {
    derivationPath: [44, 1, Number(vaultAccountId), 0, 0],
    algorithm: 'MPC_EDDSA_ED25519',
    publicKey: Buffer.from(publicKeyBytes(key)).toString('hex'),
    signature: { fullSig, r: fullSig.slice(0, 64), s: fullSig.slice(64) },
    content,
  };
}

function signatureOver(message: Uint8Array, key: KeyObject, forgery: Forgery | null): Buffer {
  switch (forgery) {
    case 'wrong_signature':
      return randomBytes(64);
    case 'other_message':
      return sign(null, Buffer.concat([message, Buffer.of(0)]), key);
    case 'other_key':
      return sign(null, message, generateKeyPairSync('ed25519').privateKey);
    case 'no_signature':
    case null:
      return sign(null, message, key);
  }
}
