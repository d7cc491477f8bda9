// Owns whether a template lets a key out or in: the configuration and the backend must both allow it.
import type { KeyCreator } from '../../../../signers/key-creator.ts';
import type { ManagedWallet, WalletActionTerms } from '../../../core/wallet/managed-wallet.ts';
import type { ManagedTemplate } from '../managed-template.ts';
import { refused, templateNamed, type WalletDeps } from './wallet-deps.ts';

export type ImportTerms = Extract<WalletActionTerms, { readonly action: 'import' }>;

export interface Exporter {
  readonly template: ManagedTemplate;
  readonly exportKey: NonNullable<KeyCreator['export']>;
}

export interface Importer {
  readonly template: ManagedTemplate;
  readonly importKey: NonNullable<KeyCreator['import']>;
}

export function canExport({ allowExport, creator }: ManagedTemplate): boolean {
  return allowExport && creator.export !== null;
}

export function canImport({ allowImport, creator }: ManagedTemplate): boolean {
  return allowImport && creator.import !== null;
}

/** Throws WALLET_TEMPLATE_NOT_FOUND, WALLET_CHANGE_REFUSED. */
export function exporterOfWallet(deps: Pick<WalletDeps, 'templates'>, wallet: ManagedWallet): Exporter {
  const { template: name, backend: madeBy, walletId } = wallet;
  const template = templateNamed(deps, name);
  const { allowExport, backend, creator } = template;
  if (madeBy !== null && madeBy !== backend) {
    throw refused(`the key of ${walletId} is of ${madeBy}, and the template ${name} is of the type ${backend} now`);
  }
  if (!allowExport) throw refused(`the template ${name} lets no key out: its \`allow_export\` is false`);
  if (creator.export === null) throw refused(`${backend} gives no key to the gateway, so none can be exported`);
  return { template, exportKey: creator.export.bind(creator) };
}

/** Throws WALLET_TEMPLATE_NOT_FOUND, WALLET_CHANGE_REFUSED. */
export function importerOf(deps: Pick<WalletDeps, 'templates'>, name: string): Importer {
  const template = templateNamed(deps, name);
  const { allowImport, backend, creator } = template;
  if (!allowImport) throw refused(`the template ${name} takes no key in: its \`allow_import\` is false`);
  if (creator.import === null) throw refused(`${backend} takes no key from the gateway, so none can be imported`);
  return { template, importKey: creator.import.bind(creator) };
}
