// Owns how a refusal is told: a metric each time, a log line each time, and an audit record once for each content.
import type { AuditEntry } from '../../core/audit/audit-record.ts';
import type { PolicyLog } from '../evaluation/open-generation.ts';
import type { ActivationStep } from '../preparation/activation-steps.ts';
import { BundleRefused, type RefusalCode } from '../preparation/refusal.ts';

export interface ActivationObserver {
  /** It decides from now on; seconds since its preparation began. */
  activated(revision: string, seconds: number): void;
  /** A step of an activation took so many seconds. */
  stepped(step: ActivationStep, seconds: number): void;
  refused(code: RefusalCode): void;
}

export interface Refused {
  /** What distinguishes it from others: a revision, a digest, what a source knows it by. `null`: nothing came that could be recorded. */
  readonly content: string | null;
  /** A source's label, or a principal. */
  readonly from: string;
  readonly actor: string;
}

export interface RefusalTeller {
  /** Returns the refusal that the error is. Never throws. */
  tell(error: unknown, refused: Refused): BundleRefused;
}

/** What was told already is forgotten some day, and told again. */
const MOST_REMEMBERED = 1_000;
const LONGEST_MESSAGE = 2_000;

export function createRefusalTeller(options: {
  readonly append: (entry: AuditEntry) => Promise<void>;
  readonly observer: ActivationObserver;
  readonly log: PolicyLog;
  readonly replica: string;
  readonly now: () => number;
}): RefusalTeller {
  const { append, observer, log, replica, now } = options;
  const told = new Set<string>();

  function record(refusal: BundleRefused, { content, from, actor }: Refused): void {
    const key = `${refusal.code} ${content} ${actor}`;
    if (content === null || told.has(key)) return;
    if (told.size >= MOST_REMEMBERED) told.clear();
    told.add(key);
    const facts = { replica, from, content, code: refusal.code, message: cut(refusal.message) };
    append({ kind: 'policy.refused', time: now(), requestId: null, actor, facts }).catch(() => {
      // The record is away: the next time that it is refused is recorded.
      told.delete(key);
    });
  }

  return {
    tell(error, refused) {
      const refusal = refusalOf(error);
      observer.refused(refusal.code);
      const { content, from } = refused;
      const facts = { code: refusal.code, from, ...(content === null ? {} : { content }), error: cut(refusal.message) };
      log('a policy was not activated', facts);
      record(refusal, refused);
      return refusal;
    },
  };
}

/** What is no refusal of a bundle is a failure to keep or record it. */
function refusalOf(error: unknown): BundleRefused {
  if (error instanceof BundleRefused) return error;
  return new BundleRefused('RECORD_FAILED', error instanceof Error ? error.message : String(error), { cause: error });
}

function cut(message: string): string {
  return message.length <= LONGEST_MESSAGE ? message : `${message.slice(0, LONGEST_MESSAGE)} …`;
}
