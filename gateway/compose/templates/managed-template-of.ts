// Owns what of a composed wallet template those who administer wallets get.
import type { ManagedTemplate } from '../../pipeline/administration/managed-template.ts';
import type { ComposedTemplate } from './composed-template.ts';

export function managedTemplateOf({ terms, opened: { creator }, fault, signerOf }: ComposedTemplate): ManagedTemplate {
  const { name, maxWallets, allowExport, allowImport } = terms;
  const { backend } = creator;
  // It opens when it is checked, and then says which key of the configuration is at fault.
  return {
    name,
    backend,
    maxWallets,
    allowExport,
    allowImport,
    isOpen: () => fault() === null,
    creator,
    openSigner: async (key) => signerOf(key, backend),
  };
}
