// Owns the look at names for which nothing was found: a slip of one would look like somebody who did nothing.
import { AdminService, PrincipalKind } from '../../proto/gen/countersign/v1/admin_pb.ts';
import { printable } from '../core/explanation/printable.ts';
import { didYouMean } from '../core/nearest-name.ts';
import type { Connection } from './connection.ts';
import { UsageError } from './exit.ts';
import { GatewayFault } from './gateway-fault.ts';
import { allWallets } from './wallets/all-wallets.ts';

const KINDS = {
  agent: PrincipalKind.AGENT,
  operator: PrincipalKind.OPERATOR,
} as const;

type Kind = 'agent' | 'operator' | 'principal' | 'wallet';

/** Throws UsageError with each that is the name of none. `undefined`: not given. Nothing where the caller may not see what names there are. */
export async function refuseStrangeNames(
  gateway: Connection,
  given: { readonly [K in Kind]?: string | undefined },
): Promise<void> {
  const sentences = await Promise.all([
    strange(gateway, 'agent', given.agent),
    strange(gateway, 'operator', given.operator),
    strange(gateway, 'principal', given.principal),
    strange(gateway, 'wallet', given.wallet),
  ]);
  const known = sentences.filter((sentence) => sentence !== null);
  if (known.length > 0) throw new UsageError(known.join('; '));
}

async function strange(gateway: Connection, kind: Kind, name: string | undefined): Promise<string | null> {
  if (name === undefined) return null;
  const names = await namesOf(gateway, kind).catch(withoutRights);
  if (names === null || names.includes(name)) return null;
  return `there is no ${kind} ${printable(name)}${didYouMean(name, names)}`;
}

/** Of agents and operators the disabled ones too. */
export async function namesOf(gateway: Connection, kind: Kind): Promise<readonly string[]> {
  if (kind === 'wallet') return (await allWallets(gateway, false)).map(({ wallet }) => wallet);
  const { principals } = await gateway.unary(AdminService.method.listPrincipals, {});
  return principals.flatMap((each) => (kind === 'principal' || each.kind === KINDS[kind] ? [each.principal] : []));
}

function withoutRights(error: unknown): null {
  if (error instanceof GatewayFault && error.reason === 'ROLE_MISSING') return null;
  throw error;
}
