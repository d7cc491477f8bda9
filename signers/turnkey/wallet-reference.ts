// Owns what is kept of a wallet that was made at Turnkey: which it is, and in which organization.
import type { KeyReference } from '../key-creator.ts';
import { organizationOf, type TurnkeyPlace } from './turnkey-queries.ts';

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function isTurnkeyId(text: string): boolean {
  return ID.test(text);
}

export function walletReference(place: TurnkeyPlace, walletId: string): KeyReference {
  return { organization_id: organizationOf(place), wallet_id: walletId };
}

export type ReferenceReading =
  | { readonly kind: 'wallet'; readonly walletId: string }
  | { readonly kind: 'strange'; readonly reason: string };

/** A wallet in another organization is none that can be asked for here: it would look as if it were gone. */
export function readReference(place: TurnkeyPlace, reference: KeyReference): ReferenceReading {
  const { organization_id: organizationId, wallet_id: walletId } = reference;
  if (typeof walletId !== 'string' || !isTurnkeyId(walletId)) {
    return { kind: 'strange', reason: 'what is kept of the key names no wallet of Turnkey (wallet_id)' };
  }
  if (organizationId !== organizationOf(place)) {
    const reason = `the key was made in another organization of Turnkey than ${organizationOf(place)}, which the template names now`;
    return { kind: 'strange', reason };
  }
  return { kind: 'wallet', walletId };
}
