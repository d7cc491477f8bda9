// Owns SessionKeyService: what administrators do with the session keys of all agents, and agents with those that come from their own.
import { type ListSessionKeysRequest, SessionKeyService } from '../../../proto/gen/countersign/v1/session_key_pb.ts';
import type { Agent, Operator } from '../../core/principal/principal.ts';
import type { MadeSessionKey, SessionKeys } from '../../pipeline/administration/session-keys.ts';
import { type BoundMethod, unary } from '../bound-method.ts';
import { refuseField, shown } from '../fields.ts';
import { sessionKeyMessage, sessionTerms } from '../messages/session-key.ts';

const { method } = SessionKeyService;

/** On the control plane. */
export function sessionKeyMethods(keys: SessionKeys): readonly BoundMethod<Operator>[] {
  return [
    unary(method.createSessionKey, async ({ principal: agent, terms }, { principal }) =>
      madeMessage(await keys.createFor(principal, agent, sessionTerms(terms))),
    ),
    unary(method.listSessionKeys, async ({ principal, includeEnded }) => ({
      keys: (await keys.listOf(principal === '' ? null : principal, includeEnded)).map(sessionKeyMessage),
    })),
    unary(method.revokeSessionKey, async ({ keyId }, { principal }) => ({
      key: sessionKeyMessage(await keys.revoke(principal, keyId)),
    })),
  ];
}

/** On the data plane. */
export function ownSessionKeyMethods(keys: SessionKeys): readonly BoundMethod<Agent>[] {
  return [
    unary(method.createSessionKey, async (request, { principal }) => {
      refuseOthers(request);
      return madeMessage(await keys.createUnder(principal, sessionTerms(request.terms)));
    }),
    unary(method.listSessionKeys, async (request, { principal }) => {
      refuseOthers(request);
      return { keys: (await keys.listUnder(principal, request.includeEnded)).map(sessionKeyMessage) };
    }),
    unary(method.revokeSessionKey, async ({ keyId }, { principal }) => ({
      key: sessionKeyMessage(await keys.revokeUnder(principal, keyId)),
    })),
  ];
}

function refuseOthers({ principal }: Pick<ListSessionKeysRequest, 'principal'>): void {
  if (principal !== '') refuseField('principal', 'empty: an agent makes and sees keys of its own', shown(principal));
}

function madeMessage({ record, secret }: MadeSessionKey) {
  return { key: sessionKeyMessage(record), secret };
}
