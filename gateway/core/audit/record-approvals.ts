// Owns which approvals an audit record is about.
import type { AuditRecord } from './audit-record.ts';

const UTF8 = new TextDecoder();
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Ids of approvals whose state or votes changed with it: that it names as its own, or as superseded. */
export function approvalsIn({ body }: Pick<AuditRecord, 'body'>): readonly string[] {
  const text = UTF8.decode(body);
  // Of most records this is all that is looked at.
  if (!text.includes('"approval_id":')) return [];
  const facts = factsOf(JSON.parse(text));
  return ['supersedes', 'approval_id'].flatMap((name) => {
    const id = facts[name];
    return typeof id === 'string' && UUID.test(id) ? [id] : [];
  });
}

function factsOf(entry: unknown): Readonly<Record<string, unknown>> {
  if (typeof entry !== 'object' || entry === null || !('facts' in entry)) return {};
  const { facts } = entry;
  return typeof facts === 'object' && facts !== null ? { ...facts } : {};
}
