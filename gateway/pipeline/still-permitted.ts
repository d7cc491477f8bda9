// Owns that a call which is under way still has a caller who may make it: rights change while it is judged.
import { GatewayError } from '../core/errors.ts';
import type { Agent } from '../core/principal/principal.ts';
import { agentWith } from '../core/principal/session.ts';
import type { PipelineDeps } from './pipeline-deps.ts';

type CallerDeps = Pick<PipelineDeps, 'state' | 'now'>;

/** As long as the edge takes an API key for what it was. */
const KNOWN_FOR_MS = 1_000;

/** `controls`: version of the controls that the call was judged under. Throws CREDENTIALS_INVALID and WALLET_NOT_PERMITTED, as for a call that begins now. */
export type StillPermitted = (controls: bigint) => Promise<void>;

/** To be made when the call comes in. Asks the record only where the controls changed since, or the caller was known too long ago. */
export function createStillPermitted(
  { state, now }: CallerDeps,
  { id, credential }: Agent,
  walletId: string,
): StillPermitted {
  let known = { controls: state.controls.current().version, at: now() };
  return async (controls) => {
    if (controls === known.controls && now() - known.at <= KNOWN_FOR_MS) return;
    const asked = { controls, at: now() };
    const caller = await callerNow(state, id, credential?.keyId);
    if (caller === null) {
      throw new GatewayError(
        'CREDENTIALS_INVALID',
        `nothing was signed: meanwhile ${id} was disabled, or the key of this call was revoked or expired`,
      );
    }
    if (!caller.wallets.includes(walletId)) {
      throw new GatewayError('WALLET_NOT_PERMITTED', `nothing was signed: meanwhile the wallet was taken from ${id}`);
    }
    known = asked;
  };
}

async function callerNow(
  { principals, sessionKeys }: PipelineDeps['state'],
  agentId: string,
  keyId: string | undefined,
): Promise<Agent | null> {
  if (keyId === undefined) {
    const record = (await principals.list()).find(({ principal }) => principal.id === agentId);
    return record?.disabledAt === null && record.principal.kind === 'agent' ? record.principal : null;
  }
  const byApiKey = await principals.findByKey(keyId);
  if (byApiKey !== null) return byApiKey.principal.kind === 'agent' ? byApiKey.principal : null;
  const bySessionKey = await sessionKeys.findByKey(keyId);
  return bySessionKey === null ? null : agentWith(bySessionKey.agent, { keyId, session: bySessionKey.session });
}
