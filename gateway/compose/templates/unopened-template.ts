// Owns what stands for a wallet template that could not be opened: its wallets are there, and it says why nothing is made or signed.
import { type SignerFault, textOf } from '../unopened-signer.ts';
import type { OpenedTemplate } from './opened-template.ts';

export function unopenedTemplate(backend: string, fault: SignerFault): OpenedTemplate {
  return {
    creator: {
      backend,
      create: async () => ({ kind: 'unavailable', reason: textOf(fault) }),
      findBy: (label) => `a key called ${label}`,
      destroy: async () => ({ kind: 'unavailable', reason: textOf(fault) }),
      export: null,
      import: null,
      check: async () => ({ kind: 'failed', field: fault.field, reason: fault.message }),
      close: async () => undefined,
    },
    openSigner: () => Promise.reject(fault),
    guard: null,
  };
}
