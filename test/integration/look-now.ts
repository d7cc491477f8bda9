// Owns the shortcut of tests through time: what the tracker would look at much later, it looks at now.
import { Client } from 'pg';
import { isFinal, REQUEST_STATES } from '../../gateway/core/request/request-state.ts';

const SOON_MS = 3_000;
const OPEN = `state NOT IN (${REQUEST_STATES.filter(isFinal)
  .map((state) => `'${state}'`)
  .join(', ')})`;

/** Returns how many requests are not final. Waits for no lock, so that gateways may work all the while. */
export async function lookNow(databaseUrl: string): Promise<number> {
  const client = new Client({ connectionString: databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(`UPDATE requests SET due_at_ms = 0 WHERE request_id IN
      (SELECT request_id FROM requests WHERE ${OPEN} AND due_at_ms > clock_ms() + ${SOON_MS}
       ORDER BY request_id FOR UPDATE SKIP LOCKED)`);
    const { rows } = await client.query<{ open: string }>(`SELECT count(*) AS open FROM requests WHERE ${OPEN}`);
    return Number(rows[0]?.open);
  } finally {
    await client.end();
  }
}
