// Owns how session keys look on the wire, and what may be asked of them.
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import {
  type SessionKeySchema,
  type SessionMaximum as WireMaximum,
  SessionMethod as WireMethod,
  type SessionTerms as WireTerms,
} from '../../../proto/gen/countersign/v1/session_key_pb.ts';
import { parseAddress } from '../../core/base58.ts';
import { measureName } from '../../core/budget/charge.ts';
import type { LimitMeasure } from '../../core/decision/decision.ts';
import {
  SESSION_METHODS,
  type SessionMaximum,
  type SessionMethod,
  type SessionTerms,
} from '../../core/principal/session.ts';
import type { SessionKeyRecord } from '../../state/contract/session-key-store.ts';
import { refuseField, shown } from '../fields.ts';
import { limitMessage } from './limit.ts';

const METHODS = {
  sign: WireMethod.SIGN_TRANSACTION,
  sign_and_send: WireMethod.SIGN_AND_SEND_TRANSACTION,
  sign_message: WireMethod.SIGN_MESSAGE,
  evaluate: WireMethod.EVALUATE_TRANSACTION,
} satisfies Record<SessionMethod, WireMethod>;

const METHOD_NAMES = 'SIGN_TRANSACTION, SIGN_AND_SEND_TRANSACTION, SIGN_MESSAGE, EVALUATE_TRANSACTION';
const WALLET_ID = /^[a-z0-9-]{1,64}$/;
const MAX_WALLETS = 64;
const MAX_MAXIMA = 16;
/** 28 digits: beyond every sum of u64 amounts, within what a policy may say. */
const MAX = /^(0|[1-9][0-9]{0,27})$/;

/** Throws INVALID_FIELD. */
export function sessionTerms(terms: WireTerms | undefined): SessionTerms {
  if (terms === undefined) return refuseField('terms', 'set', 'nothing');
  const { wallets, methods, maxima, lifetimeSeconds } = terms;
  return {
    wallets: walletsField(wallets),
    methods: methodsField(methods),
    maxima: maximaField(maxima),
    lifetimeMs: lifetimeSeconds === 0 ? null : lifetimeSeconds * 1000,
  };
}

export function sessionKeyMessage(record: SessionKeyRecord): MessageInitShape<typeof SessionKeySchema> {
  const { agentId, session, createdAt, revokedAt } = record;
  return {
    keyId: session.keyId,
    principal: agentId,
    lineage: [...session.lineage],
    wallets: [...session.wallets],
    methods: session.methods.map((method) => METHODS[method]),
    limits: session.limits.map(limitMessage),
    createTime: timestampFromMs(createdAt),
    expireTime: timestampFromMs(session.expiresAt),
    ...(revokedAt === null ? {} : { revokeTime: timestampFromMs(revokedAt) }),
  };
}

function walletsField(wallets: readonly string[]): readonly string[] {
  if (wallets.length === 0 || wallets.length > MAX_WALLETS) {
    refuseField('terms.wallets', `1 to ${MAX_WALLETS} ids of wallets`, `${wallets.length}`);
  }
  for (const wallet of wallets) {
    if (!WALLET_ID.test(wallet)) refuseField('terms.wallets', 'ids of wallets', shown(wallet));
  }
  return [...new Set(wallets)];
}

function methodsField(values: readonly WireMethod[]): readonly SessionMethod[] {
  const known = new Set<number>(Object.values(METHODS));
  const unknown = values.find((value) => !known.has(value));
  if (values.length === 0 || unknown !== undefined) {
    refuseField('terms.methods', `at least one of ${METHOD_NAMES}`, unknown === undefined ? 'none' : String(unknown));
  }
  return SESSION_METHODS.filter((method) => values.includes(METHODS[method]));
}

function maximaField(maxima: readonly WireMaximum[]): readonly SessionMaximum[] {
  if (maxima.length > MAX_MAXIMA) refuseField('terms.maxima', `at most ${MAX_MAXIMA}`, `${maxima.length}`);
  const read = maxima.map(maximumOf);
  const names = read.map(({ measure }) => measureName(measure));
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) refuseField('terms.maxima', 'each measure once', `${twice} twice`);
  return read;
}

function maximumOf({ measure, max }: WireMaximum): SessionMaximum {
  if (!MAX.test(max)) refuseField('terms.maxima.max', 'a decimal integer of at most 28 digits', shown(max));
  return { measure: measureOf(measure), max: BigInt(max) };
}

function measureOf(measure: WireMaximum['measure']): LimitMeasure {
  if (measure.case === undefined) return refuseField('terms.maxima', 'outflow, fee, rent or count', 'nothing');
  const program = addressOf('program', measure.value.program);
  if (measure.case !== 'outflow') return { kind: measure.case, ...program };
  const { asset, recipient, net } = measure.value;
  if (asset !== 'SOL' && parseAddress(asset) === null) {
    refuseField('terms.maxima.outflow.asset', 'SOL or the address of a mint', shown(asset));
  }
  if (net && recipient !== '') refuseField('terms.maxima.outflow.net', 'false where a recipient is given', 'true');
  return { kind: 'outflow', asset, ...program, ...addressOf('recipient', recipient), ...(net ? { net } : {}) };
}

function addressOf<K extends 'program' | 'recipient'>(key: K, value: string): { readonly [P in K]?: string } {
  if (value === '') return {};
  if (parseAddress(value) === null) refuseField(`terms.maxima.${key}`, 'an address, or empty', shown(value));
  return { [key]: value } as { readonly [P in K]: string };
}
