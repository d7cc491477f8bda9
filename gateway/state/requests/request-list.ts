// Owns the list of requests for people: the newest first, by who asked, for which wallet, in which state, since when.
import type { RequestPage } from '../contract/request-list.ts';
import type { RequestRecord } from '../contract/request-store.ts';
import type { Database, Statement } from '../sql/database.ts';
import { parseRequest, REQUEST_COLUMNS } from '../sql/request-row.ts';
import { idBefore, sqlIdBefore } from '../sql/time-ordered-id.ts';

/** Behind every id. */
const LAST_ID = '~';

// Ids are in order of time. The first bounds spare the rows long before `since`, and those from before there was the key. Of one agent there
// is a statement of its own: a plan that must fit any does not use its index.
function list(name: string, ofAgent: string): Statement {
  return {
    name,
    isListing: true,
    text: `SELECT ${REQUEST_COLUMNS} FROM requests
    WHERE request_id < $1 AND request_id > $2 AND created_at_ms >= $3 AND ${ofAgent} AND ($5::text IS NULL OR wallet_id = $5)
      AND (cardinality($6::text[]) = 0 OR state = ANY ($6))
      AND request_id > coalesce((SELECT ${sqlIdBefore('k.created_at_ms')} FROM session_keys k WHERE k.key_id = $7),
                                (SELECT ${sqlIdBefore('k.created_at_ms')} FROM api_keys k WHERE k.key_id = $7), '')
      AND ($7::text IS NULL OR decision ->> 'credential' = $7)
    ORDER BY request_id DESC LIMIT $8`,
  };
}

const LIST = list('list_requests', '$4::text IS NULL');
const LIST_OF_AGENT = list('list_requests_of_agent', 'agent_id = $4');

export async function listRequests(database: Database, page: RequestPage): Promise<readonly RequestRecord[]> {
  const { filter, limit, after } = page;
  const { agentId, walletId, states, since, credential } = filter;
  const bounds = [after ?? LAST_ID, idBefore(since ?? 0), since ?? 0];
  const values = [...bounds, agentId, walletId, states, credential, limit];
  return (await database.query(agentId === null ? LIST : LIST_OF_AGENT, values)).map(parseRequest);
}
