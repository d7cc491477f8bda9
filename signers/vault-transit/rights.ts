// Owns what the policies of a token let it do, as far as it may ask.
import * as z from 'zod';
import type { VaultConnection } from './vault-connection.ts';

export interface Right {
  readonly capability: 'read' | 'update' | 'delete';
  /** As `vaultPath` makes it. */
  readonly path: string;
}

/** Of each path what the token may there; one that is asked for alone stands a second time under `capabilities`. */
const capabilitiesAnswer = z.object({ data: z.record(z.string(), z.array(z.string())) });

/** Those that the token certainly has not: where it may not ask, nobody knows before it is tried. */
export async function lackingRights(
  vault: VaultConnection,
  rights: readonly Right[],
  signal: AbortSignal,
): Promise<readonly Right[]> {
  const body = { paths: rights.map(({ path }) => path) };
  const answer = await vault.call({ method: 'POST', path: 'sys/capabilities-self', body }, signal);
  const parsed = answer.kind === 'answered' ? capabilitiesAnswer.safeParse(answer.body) : null;
  if (parsed?.success !== true) return [];
  const { data } = parsed.data;
  return rights.filter(({ capability, path }) => {
    const has = data[path];
    return has !== undefined && !has.includes(capability) && !has.includes('root');
  });
}
