// Owns the part of AdminService that freezes and lifts.
import { AdminService } from '../../../proto/gen/countersign/v1/admin_pb.ts';
import type { Operator } from '../../core/principal/principal.ts';
import type { Freezing } from '../../pipeline/administration/freezing.ts';
import { type BoundMethod, unary } from '../bound-method.ts';
import { askedFreeze, askedFreezeName, freezeMessage, reasonField } from '../messages/freeze.ts';

const { method } = AdminService;

export interface FreezeMethods {
  /** Whoever sees that something is wrong may stop it, and see what is stopped. */
  readonly forApprovers: readonly BoundMethod<Operator>[];
  readonly forAdmins: readonly BoundMethod<Operator>[];
}

export function freezeMethods(freezing: Freezing, isReadOnly: boolean): FreezeMethods {
  return {
    forApprovers: [
      unary(method.freeze, async (request, { principal }) => {
        const { freeze, isNew } = await freezing.freeze(principal, askedFreeze(request));
        return { freeze: freezeMessage(freeze), alreadyFrozen: !isNew };
      }),
      unary(method.listFreezes, async ({ includeLifted }) => ({
        freezes: (await freezing.list({ lifted: includeLifted })).map(freezeMessage),
        unfreezeQuorum: freezing.quorum,
        readOnly: isReadOnly,
      })),
    ],
    forAdmins: [
      unary(method.unfreeze, async (request, { principal }) => {
        const name = askedFreezeName(request);
        const freeze = await freezing.voteToLift(principal, name, reasonField(request.reason));
        return { freeze: freezeMessage(freeze), quorum: freezing.quorum };
      }),
    ],
  };
}
