// Owns which groups of agents a bundle's data name, and who is in them: for people who ask whose limits count together.
import * as z from 'zod';
import type { AgentGroup } from '../policy-engine.ts';

const data = z.object({
  countersign: z.object({
    agents: z.record(z.string(), z.object({ wallets: z.record(z.string(), z.unknown()) })),
  }),
});

/** `null`: the data are of another shape, and nobody can tell. Nothing is decided by it. */
export function agentGroupsIn(bytes: Uint8Array): readonly AgentGroup[] | null {
  const result = data.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
  if (!result.success) return null;
  return Object.entries(result.data.countersign.agents).flatMap(([agentId, { wallets }]) =>
    Object.entries(wallets).flatMap(([walletId, settings]) =>
      [...groupsWithin(settings)].map((group) => ({ group, agentId, walletId })),
    ),
  );
}

function groupsWithin(settings: unknown): ReadonlySet<string> {
  const found = new Set<string>();
  const left: unknown[] = [settings];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value !== 'object' || value === null) continue;
    if ('scope' in value && value.scope === 'agent_group' && 'group' in value && typeof value.group === 'string') {
      found.add(value.group);
    }
    left.push(...Object.values(value));
  }
  return found;
}
