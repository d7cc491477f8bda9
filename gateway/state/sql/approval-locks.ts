// Owns the locks that whoever changes an approval takes, in this order, which is that of a commit of the request's own change: so the two
// never wait for each other.
import { APPROVAL_COLUMNS } from './approval-row.ts';
import type { Statement } from './database.ts';

export const HOLD_CONTROLS: Statement = { name: 'hold_controls', text: 'SELECT hold_controls() AS version' };

export const LOCK_REQUEST: Statement = {
  name: 'lock_request_of_approval',
  text: `SELECT 1 FROM requests WHERE request_id = (SELECT request_id FROM approvals WHERE approval_id = $1) FOR UPDATE`,
};
export const LOCK_APPROVAL: Statement = {
  name: 'lock_approval',
  text: `SELECT ${APPROVAL_COLUMNS} FROM approvals a WHERE a.approval_id = $1 FOR UPDATE`,
};
