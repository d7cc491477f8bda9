// Owns the input that an engine is warmed with: a transfer of the first agent and wallet in the data, so that every rule runs.
import { z } from 'zod';
import { knownAddress } from '../../core/base58.ts';
import { sampleFacts } from '../../core/policy-input/sample-facts.ts';
import { buildPolicyInput } from '../../core/policy-input.ts';

const WALLET = knownAddress('Vote111111111111111111111111111111111111111');
const RECIPIENT = knownAddress('Stake11111111111111111111111111111111111111');

const DATA = z.object({
  countersign: z.object({ agents: z.record(z.string(), z.object({ wallets: z.record(z.string(), z.unknown()) })) }),
});

/** Builds the input anew on each call, because building it is on the hot path too. Data of another shape gives other names. */
export function warmUpInput(data: Uint8Array): () => Uint8Array {
  const names = firstNames(JSON.parse(new TextDecoder().decode(data)));
  const facts = sampleFacts({ ...names, walletAddress: WALLET, recipient: RECIPIENT });
  return () => buildPolicyInput(facts);
}

function firstNames(data: unknown): { readonly agent: string; readonly wallet: string } {
  const parsed = DATA.safeParse(data);
  const agents = parsed.success ? Object.entries(parsed.data.countersign.agents) : [];
  for (const [agent, { wallets }] of agents) {
    const [wallet] = Object.keys(wallets);
    if (wallet !== undefined) return { agent, wallet };
  }
  return { agent: 'none', wallet: 'none' };
}
