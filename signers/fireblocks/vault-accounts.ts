// Owns the reading of vault accounts by their names, which Fireblocks does not keep unique.
import * as z from 'zod';
import type { FireblocksApi } from './fireblocks-api.ts';
import { readAs, type Told } from './found-or-made.ts';

/** As Fireblocks counts them; in paths and records, hence nothing but digits. */
export const vaultAccountIdSchema = z.string().regex(/^\d{1,20}$/);

export const accountsSchema = z.object({
  accounts: z.array(z.object({ id: vaultAccountIdSchema, name: z.string() })),
  paging: z.object({ after: z.string().nullish() }).nullish(),
});

export const ACCOUNTS_PATH = '/vault/accounts_paged';
const PAGE = 200;
/** Of vault accounts whose names only begin so: far more than labels with digits of chance have in common. */
const MAX_PAGES = 20;

/** The id of the oldest one, which is the same for all who look; `null`: none has this name. */
export async function vaultAccountNamed(
  api: FireblocksApi,
  name: string,
  signal: AbortSignal,
): Promise<Told<string | null>> {
  const ids: string[] = [];
  let after: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const query = new URLSearchParams({ namePrefix: name, orderBy: 'ASC', limit: String(PAGE) });
    if (after !== null) query.set('after', after);
    const read = readAs(accountsSchema, await api.call({ method: 'GET', path: `${ACCOUNTS_PATH}?${query}` }, signal));
    if (read.kind !== 'told') return read;
    const { accounts, paging } = read.value;
    ids.push(...accounts.filter((account) => account.name === name).map(({ id }) => id));
    after = paging?.after ?? null;
    if (accounts.length === 0 || after === null || after === '') return { kind: 'told', value: oldestOf(ids) };
  }
  const reason = `more than ${PAGE * MAX_PAGES} vault accounts have names that begin with ${name}`;
  return { kind: 'unavailable', reason };
}

/** Fireblocks counts up. */
function oldestOf(ids: readonly string[]): string | null {
  const [oldest = null] = ids.toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
  return oldest;
}
