// Owns what admins are told of the wallet templates: how full each is, what it allows, and whether its creator works.
import type { SignerCheck } from '../../../../signers/signer.ts';
import type { ManagedTemplate } from '../managed-template.ts';
import type { ManagedWallets, TemplateState } from '../managed-wallets-contract.ts';
import { canExport, canImport } from './key-permissions.ts';
import type { WalletDeps } from './wallet-deps.ts';

/** How long one backend may take. */
const ANSWER_WITHIN_MS = 10_000;

export function createTemplateStates(deps: Pick<WalletDeps, 'store' | 'templates' | 'now'>): {
  readonly list: ManagedWallets['listTemplates'];
} {
  const { store, templates, now } = deps;
  const lastChecks = new Map<string, NonNullable<TemplateState['lastCheck']>>();
  const check = async (template: ManagedTemplate): Promise<void> => {
    lastChecks.set(template.name, { result: await answerOf(template), at: now() });
  };
  return {
    async list(ask) {
      const all = [...templates.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
      if (ask.check) await Promise.all(all.map(check));
      const counts = await store.countByTemplate();
      return all.map((template) => ({
        name: template.name,
        backend: template.backend,
        wallets: counts.get(template.name) ?? 0,
        maxWallets: template.maxWallets,
        canExport: canExport(template),
        canImport: canImport(template),
        canDestroyKey: template.isOpen() && template.creator.destroy !== null,
        isOpen: template.isOpen(),
        lastCheck: lastChecks.get(template.name) ?? null,
      }));
    },
  };
}

async function answerOf({ creator }: ManagedTemplate): Promise<SignerCheck> {
  const { promise: late, resolve } = Promise.withResolvers<SignerCheck>();
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
  signal.addEventListener('abort', () => resolve(failed(`it did not answer within ${ANSWER_WITHIN_MS} ms`)));
  try {
    return await Promise.race([creator.check(signal), late]);
  } catch {
    // A backend's exception may carry anything, secrets too: its text goes nowhere.
    return failed('it failed without an answer');
  }
}

function failed(reason: string): SignerCheck {
  return { kind: 'failed', field: null, reason };
}
