// Owns the requests of the record: opened and advanced by group commit, found, and handed out when they are due.
import { assertNever } from '../../core/assert-never.ts';
import { GatewayError } from '../../core/errors.ts';
import type { RequestState } from '../../core/request/request-state.ts';
import { bodyOf } from '../commit/body-of.ts';
import type { CommitQueue } from '../commit/commit-queue.ts';
import type {
  ClaimOrder,
  KeyCustody,
  NewRequest,
  OpenResult,
  RequestRecord,
  RequestStore,
} from '../contract/request-store.ts';
import type { ChangeSignals } from '../signals/change-signals.ts';
import type { Database, Statement } from '../sql/database.ts';
import { parseRequest, REQUEST_COLUMNS } from '../sql/request-row.ts';
import { idBefore } from '../sql/time-ordered-id.ts';
import { listRequests } from './request-list.ts';

const FIND: Statement = {
  name: 'find_request',
  text: `SELECT ${REQUEST_COLUMNS} FROM requests WHERE request_id = $1`,
};
const FIND_BY_KEY: Statement = {
  name: 'find_request_by_key',
  text: `SELECT ${REQUEST_COLUMNS} FROM requests WHERE agent_id = $1 AND idempotency_key = $2`,
};
// The last condition is the one of its index.
const FIND_BY_SIGNATURE: Statement = {
  name: 'find_request_by_signature',
  text: `SELECT ${REQUEST_COLUMNS} FROM requests WHERE agent_id = $1 AND (wallet_signature = $2
      OR (transaction_signature = $2 AND transaction_signature <> wallet_signature)
      OR (transaction_signature = $2 AND wallet_signature IS NULL))
    ORDER BY created_at_ms DESC, request_id DESC LIMIT 1`,
};
// The clock stands in a subquery, because an index takes no condition that may differ from row to row.
function claimDue(order: ClaimOrder): Statement {
  return {
    name: `claim_due_${order}`,
    text: `WITH due AS MATERIALIZED (
        SELECT request_id AS id FROM requests WHERE due_at_ms <= (SELECT clock_ms())
        ORDER BY due_at_ms ${order === 'oldest' ? 'ASC' : 'DESC'} LIMIT $1 FOR UPDATE SKIP LOCKED)
      UPDATE requests SET due_at_ms = clock_ms() + $2 FROM due WHERE request_id = due.id
      RETURNING ${REQUEST_COLUMNS}`,
  };
}
const CLAIM_DUE = { oldest: claimDue('oldest'), newest: claimDue('newest') };

// The conditions are those of its unique index.
const FIND_FRESH_MESSAGE: Statement = {
  name: 'find_fresh_message',
  text: `SELECT FROM requests WHERE message_digest = $1 AND set_fresh_blockhash AND state NOT IN ('DENIED', 'AWAITING_APPROVAL')`,
};

// Ids are in order of time. The first bound spares the rows long before `from`.
const READ_JUDGED: Statement = {
  name: 'read_judged',
  isListing: true,
  text: `SELECT ${REQUEST_COLUMNS} FROM requests
    WHERE request_id > $1 AND created_at_ms >= $2 AND created_at_ms < $3
      AND ($4::text IS NULL OR agent_id = $4) AND ($5::text IS NULL OR wallet_id = $5)
    ORDER BY request_id LIMIT $6`,
};
/** How often a request is opened that collides with one that was refused at once: each time one more of those that come together is. */
const MAX_OPENINGS = 100;

/** Of a change only the message can be: ids and keys do not change. */
function isUniqueViolation(error: unknown): boolean {
  return error instanceof GatewayError && error.metadata.sqlstate === '23505';
}

function requireCustody(state: RequestState, custody: KeyCustody | undefined): void {
  if ((state === 'SIGNING') === (custody !== undefined)) return;
  throw new GatewayError('INTERNAL', 'where the keys of a request are is recorded exactly when they are to be asked');
}

export function createRequestStore(database: Database, queue: CommitQueue, signals: ChangeSignals): RequestStore {
  async function findOne(statement: Statement, values: readonly unknown[]): Promise<RequestRecord | null> {
    const [row] = await database.query(statement, values);
    return row === undefined ? null : parseRequest(row);
  }

  /** What a new request collided with; `null`: with one of its own batch, which no budget had room for, so that it is there no more. */
  async function existing({ requestId, ask, judgement }: NewRequest): Promise<OpenResult | null> {
    const { agentId, idempotencyKey, setFreshBlockhash } = ask;
    const found = idempotencyKey === null ? null : await findOne(FIND_BY_KEY, [agentId, idempotencyKey]);
    if (found !== null) return { kind: 'exists', request: found };
    if (setFreshBlockhash && (await isThere(FIND_FRESH_MESSAGE, judgement.messageDigest))) {
      return { kind: 'duplicate_message' };
    }
    if (!(await isThere(FIND, requestId))) return null;
    throw new GatewayError('INTERNAL', 'a new request has the id of an older one');
  }

  async function isThere(statement: Statement, value: unknown): Promise<boolean> {
    return (await database.query(statement, [value])).length > 0;
  }

  return {
    async open(request, audit) {
      if ((request.state === 'AWAITING_APPROVAL') !== (request.approval !== null)) {
        throw new GatewayError('INTERNAL', 'a request has an approval exactly when it awaits one');
      }
      if ((request.state === 'SIGNING') !== (request.terms !== null)) {
        throw new GatewayError('INTERNAL', 'a request has terms exactly when it is to be signed');
      }
      requireCustody(request.state, request.custody);
      const operation = { kind: 'open', request, auditBody: bodyOf(audit) } as const;
      for (let attempt = 0; attempt < MAX_OPENINGS; attempt++) {
        const result = await queue.submit(operation);
        switch (result.kind) {
          case 'written':
            return { kind: 'opened' };
          case 'skipped': {
            const collided = await existing(request);
            if (collided !== null) return collided;
            break;
          }
          case 'exceeded':
          case 'controls_changed':
            return result;
          default:
            return assertNever(result);
        }
      }
      throw new GatewayError('OVERLOADED', 'too many calls like this one at once, and no budget has room for them');
    },
    async advance(change, audit) {
      if ((change.to === 'SIGNING') !== (change.terms !== undefined)) {
        throw new GatewayError('INTERNAL', 'a request gets terms exactly when it is to be signed');
      }
      requireCustody(change.to, change.custody);
      const body = audit === null ? null : bodyOf(audit);
      try {
        const result = await queue.submit({ kind: 'advance', change, auditBody: body });
        switch (result.kind) {
          case 'written':
            return { kind: 'advanced' };
          case 'skipped':
            return { kind: 'stale' };
          case 'exceeded':
          case 'controls_changed':
            return result;
          default:
            return assertNever(result);
        }
      } catch (error) {
        if (change.judgement !== undefined && isUniqueViolation(error)) return { kind: 'duplicate_message' };
        throw error;
      }
    },
    find: (requestId) => findOne(FIND, [requestId]),
    findByIdempotencyKey: (agentId, key) => findOne(FIND_BY_KEY, [agentId, key]),
    findBySignature: (agentId, signature) => findOne(FIND_BY_SIGNATURE, [agentId, signature]),
    readJudged: async ({ from, to, agentId, walletId }, after, limit) => {
      const start = after ?? idBefore(from ?? 0);
      const values = [start, from ?? 0, to ?? Number.MAX_SAFE_INTEGER, agentId, walletId, limit];
      return (await database.query(READ_JUDGED, values)).map(parseRequest);
    },
    list: (page) => listRequests(database, page),
    claimDue: async (limit, leaseMs, order = 'oldest') =>
      (await database.query(CLAIM_DUE[order], [limit, leaseMs])).map(parseRequest),
    onChange: (requestId, callback) => signals.onRequest(requestId, callback),
  };
}
