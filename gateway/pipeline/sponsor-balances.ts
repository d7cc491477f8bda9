// Owns what the gateway's own fee payers hold: read from the chain, all in one question.
import type { SponsorFacts } from '../core/status/findings.ts';
import type { PipelineDeps, WalletRoute } from './pipeline-deps.ts';

/** Each once, whatever the number of wallets that it pays for. Never throws: what cannot be read is `null`. */
export async function readSponsors(
  { chain, routes }: Pick<PipelineDeps, 'chain' | 'routes'>,
  signal: AbortSignal,
): Promise<readonly SponsorFacts[]> {
  const sponsors = sponsorsOf(routes);
  if (sponsors.length === 0) return [];
  const addresses = sponsors.map(({ address }) => address);
  const accounts = await chain.getAccounts(addresses, signal).then(
    (found) => found.accounts,
    () => null,
  );
  return sponsors.map(({ name, address, alertBelow }) => {
    const lamports = accounts === null ? null : (accounts.get(address)?.lamports ?? 0n);
    return { name, address, alertBelow, lamports };
  });
}

function sponsorsOf(routes: ReadonlyMap<string, WalletRoute>) {
  const all = [...routes.values()].flatMap(({ sponsorship }) => sponsorship ?? []);
  return [...new Map(all.map((terms) => [terms.address, terms])).values()];
}
