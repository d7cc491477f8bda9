// Owns what is told of a key that the gateway does not destroy itself: where it is, or may be, and what to do by hand.
import type { ManagedWallet } from '../../../core/wallet/managed-wallet.ts';
import type { ManagedTemplate } from '../managed-template.ts';
import type { WalletDeps } from './wallet-deps.ts';

export type Leftover =
  /** Nothing but the record ever has a key of this backend. */
  | { readonly kind: 'none'; readonly backend: string }
  /** `problem`: where one may be, and what to do. */
  | { readonly kind: 'possible'; readonly problem: string };

/**
 * Of a wallet that was never finished: its key may have been made, and the answer lost. By the backend that the record names: the template may
 * be of another type now. Nobody is asked: to ask a creator for the key by its label would make one where there is none.
 */
export function leftoverOf({ templates }: Pick<WalletDeps, 'templates'>, wallet: ManagedWallet): Leftover {
  const { walletId, label, backend } = wallet;
  const unknown = `${walletId} was never finished, so the gateway does not know its key: one labelled ${label} may exist at`;
  const template = templates.get(wallet.template);
  const now = templateNow(wallet.template, template);
  if (backend === null) {
    const problem = `${unknown} its backend, and the record does not say which that was: a gateway of an older version began it, and ${now}; look wherever that template made keys, and destroy by hand what you find`;
    return { kind: 'possible', problem };
  }
  const creators = [...templates.values()].flatMap((each) => (each.backend === backend ? [each.creator] : []));
  if (creators.some(({ findBy }) => findBy === null)) return { kind: 'none', backend };
  const isSame = template?.backend === backend;
  const what = (isSame ? template.creator.findBy?.(label) : null) ?? `a key called ${label}`;
  const why = isSame ? '' : `${now}; `;
  const problem = `${unknown} ${backend}; ${why}look there for ${what}, and destroy by hand what you find (docs/signers/${backend}.md)`;
  return { kind: 'possible', problem };
}

/** Why no creator of the configuration is asked to destroy the key; `null`: that of its template can be. */
export function outOfReach(
  { template: name, backend }: ManagedWallet,
  template: ManagedTemplate | undefined,
): string | null {
  if (template !== undefined && (backend === null || backend === template.backend)) return null;
  const where = backend === null ? 'its backend by hand' : `${backend} by hand (docs/signers/${backend}.md)`;
  return `${templateNow(name, template)}; destroy the key at ${where}`;
}

function templateNow(name: string, template: ManagedTemplate | undefined): string {
  return template === undefined
    ? `the configuration has no template ${name} any more`
    : `the template ${name} is of the type ${template.backend} now`;
}
