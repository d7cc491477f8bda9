// Owns how freezes look on the wire, and what may be asked of them.
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { type FreezeSchema, FreezeScope as WireScope } from '../../../proto/gen/countersign/v1/admin_pb.ts';
import { FREEZE_SCOPES, type FreezeRecord, type FreezeScope } from '../../core/controls/freeze.ts';
import type { FreezeAsk, FreezeName } from '../../pipeline/administration/freezing.ts';
import { refuseField, textField, uuidField } from '../fields.ts';

const MAX_REASON_BYTES = 256;

const SCOPES = {
  all: WireScope.ALL,
  agent: WireScope.AGENT,
  wallet: WireScope.WALLET,
  program: WireScope.PROGRAM,
  mint: WireScope.MINT,
  recipient: WireScope.RECIPIENT,
} satisfies Record<FreezeScope, WireScope>;

interface TargetFields {
  readonly scope: number;
  readonly target: string;
}

/** Throws INVALID_FIELD. Whether the target is known is not said here. */
export function askedFreeze({ scope, target, reason }: TargetFields & { readonly reason: string }): FreezeAsk {
  return { scope: scopeField(scope), target, reason: reasonField(reason) };
}

export function askedFreezeName(fields: TargetFields & { readonly freezeId: string }): FreezeName {
  const { freezeId, scope, target } = fields;
  if (freezeId === '') return { kind: 'target', scope: scopeField(scope), target };
  if (scope !== 0 || target !== '') refuseField('freeze_id', 'empty where scope and target are given', freezeId);
  return { kind: 'id', freezeId: uuidField('freeze_id', freezeId) };
}

export function reasonField(reason: string): string {
  if (reason.trim() === '') refuseField('reason', 'a text that says why', 'nothing');
  return textField('reason', reason, MAX_REASON_BYTES);
}

function scopeField(scope: number): FreezeScope {
  const found = FREEZE_SCOPES.find((name) => SCOPES[name] === scope);
  const names = FREEZE_SCOPES.map((name) => name.toUpperCase()).join(', ');
  return found ?? refuseField('scope', `one of ${names}`, scope === 0 ? 'UNSPECIFIED' : String(scope));
}

export function freezeMessage(freeze: FreezeRecord): MessageInitShape<typeof FreezeSchema> {
  const { freezeId, scope, target, reason, frozenBy, frozenAt, votes, lifted } = freeze;
  return {
    freezeId,
    scope: SCOPES[scope],
    target,
    reason,
    frozenBy,
    freezeTime: timestampFromMs(frozenAt),
    votes: votes.map((vote) => ({
      operator: vote.operatorId,
      reason: vote.reason,
      voteTime: timestampFromMs(vote.time),
      counts: vote.counts,
    })),
    ...(lifted === null ? {} : { liftedBy: lifted.by, liftTime: timestampFromMs(lifted.at) }),
  };
}
