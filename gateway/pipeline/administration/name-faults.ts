// Owns what is told of an agent, an operator or a wallet that there is none of, or none any more: with the nearest that there is.
import { GatewayError } from '../../core/errors.ts';
import { didYouMean } from '../../core/nearest-name.ts';
import type { Principal } from '../../core/principal/principal.ts';
import type { PrincipalStore, WalletStore } from '../../state/contract/principal-store.ts';

type Principals = Pick<PrincipalStore, 'list'>;
type Wallets = Pick<WalletStore, 'list'>;

/** `kind`: that it would have to be. */
export async function noPrincipal(
  principals: Principals,
  principalId: string,
  kind: Principal['kind'] | 'principal' = 'principal',
): Promise<GatewayError> {
  const records = await principals.list();
  const named = records.find(({ principal }) => principal.id === principalId);
  if (named !== undefined && named.disabledAt !== null && (kind === 'principal' || named.principal.kind === kind)) {
    const what = `${principalId} is disabled, for good; make another ${named.principal.kind}`;
    return new GatewayError('PRINCIPAL_NOT_FOUND', what);
  }
  const ids = records.flatMap(({ principal, disabledAt }) =>
    kind === 'principal' || (principal.kind === kind && disabledAt === null) ? [principal.id] : [],
  );
  const called = kind === 'principal' ? 'principal' : `enabled ${kind}`;
  const shown = JSON.stringify(principalId.slice(0, 80));
  return new GatewayError('PRINCIPAL_NOT_FOUND', `there is no ${called} ${shown}${didYouMean(principalId, ids)}`);
}

/** `null`: there are all of them. */
export async function noWalletOf(wallets: Wallets, walletIds: readonly string[]): Promise<GatewayError | null> {
  const ids = (await wallets.list()).map(({ id }) => id);
  const strange = walletIds.find((id) => !ids.includes(id));
  if (strange === undefined) return null;
  return new GatewayError('WALLET_NOT_FOUND', `there is no wallet ${strange}${didYouMean(strange, ids)}`);
}

/** The wallets of an enabled agent. Throws PRINCIPAL_NOT_FOUND. */
export async function walletsOfAgent(principals: Principals, agentId: string): Promise<readonly string[]> {
  const found = (await principals.list()).find(
    ({ principal, disabledAt }) => principal.id === agentId && disabledAt === null,
  );
  if (found?.principal.kind === 'agent') return found.principal.wallets;
  throw await noPrincipal(principals, agentId, 'agent');
}
