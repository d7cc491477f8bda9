// Owns what may be asked of a list of requests, and how a page of it looks on the wire.
import { type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';
import type { RequestState } from '../../core/request/request-state.ts';
import { REQUEST_STATES } from '../../core/request/request-state.ts';
import type { RequestRecord } from '../../state/contract/request-store.ts';
import { countField, refuseField, uuidField } from '../fields.ts';
import { requestMessage, WIRE_STATES } from './request.ts';

const DEFAULT_PAGE = 50;
const MAX_PAGE = 200;

/** Each state once; none asked for means any. Throws INVALID_FIELD. */
export function requestStates(values: readonly number[]): readonly RequestState[] {
  const asked = new Set(values);
  const known = new Set<number>(Object.values(WIRE_STATES));
  for (const value of asked) {
    if (!known.has(value)) {
      refuseField('states', `among ${REQUEST_STATES.join(', ')}`, value === 0 ? 'UNSPECIFIED' : String(value));
    }
  }
  return REQUEST_STATES.filter((state) => asked.has(WIRE_STATES[state]));
}

/** Unix milliseconds; `null`: ever. */
export function sinceField(since: Timestamp | undefined): number | null {
  if (since === undefined) return null;
  const time = timestampMs(since);
  if (!Number.isSafeInteger(time) || time < 0) refuseField('since', 'a time since 1970', String(time));
  return time;
}

/** One more than asked for tells whether there is a next page. */
export async function requestPage(
  pageSize: number,
  pageToken: string,
  read: (page: { readonly limit: number; readonly after: string | null }) => Promise<readonly RequestRecord[]>,
  shown: (request: RequestRecord) => RequestRecord = (request) => request,
) {
  const size = countField('page_size', pageSize, DEFAULT_PAGE, MAX_PAGE);
  const after = pageToken === '' ? null : uuidField('page_token', pageToken);
  const found = await read({ limit: size + 1, after });
  const page = found.slice(0, size);
  return {
    requests: page.map((request) => requestMessage(shown(request))),
    nextPageToken: found.length > size ? (page.at(-1)?.requestId ?? '') : '',
  };
}
