// Owns the list of requests for people: the newest first, by who asked, for which wallet, in which state, since when.
import type { RequestPage } from '../contract/request-list.ts';
import type { RequestRecord } from '../contract/request-store.ts';
import type { Database, Statement } from '../sql/database.ts';
import { parseRequest, REQUEST_COLUMNS } from '../sql/request-row.ts';
import { idBefore } from '../sql/time-ordered-id.ts';

// Ids are in order of time. The first bound spares the rows long before `since`.
const LIST: Statement = {
  name: 'list_requests',
  isListing: true,
  text: `SELECT ${REQUEST_COLUMNS} FROM requests
    WHERE ($1::text IS NULL OR request_id < $1) AND request_id > $2 AND created_at_ms >= $3
      AND ($4::text IS NULL OR agent_id = $4) AND ($5::text IS NULL OR wallet_id = $5)
      AND (cardinality($6::text[]) = 0 OR state = ANY ($6))
      AND ($7::text IS NULL OR decision ->> 'credential' = $7)
    ORDER BY request_id DESC LIMIT $8`,
};

export async function listRequests(database: Database, page: RequestPage): Promise<readonly RequestRecord[]> {
  const { filter, limit, after } = page;
  const { agentId, walletId, states, since, credential } = filter;
  const values = [after, idBefore(since ?? 0), since ?? 0, agentId, walletId, states, credential, limit];
  return (await database.query(LIST, values)).map(parseRequest);
}
