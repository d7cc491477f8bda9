// Owns what the answers of custody services with an HTTP API have in common, and what one that is no answer means for a signature, a key or a check.
import type * as z from 'zod';
import type { NoSecret } from '../net/named-secret.ts';
import type { CreateResult } from './key-creator.ts';
import type { SignerCheck, SignResult } from './signer.ts';

/** What a service says went wrong, clean of secrets. */
export interface ServiceFault {
  /** HTTP status. */
  readonly status: number;
  /** Of the service's own list; `null`: it gives none. */
  readonly code: string | number | null;
  readonly message: string;
}

/** Reasons name the host and are free of secrets. */
export type ServiceAnswer<Fault extends ServiceFault> =
  | { readonly kind: 'answered'; readonly body: unknown }
  | { readonly kind: 'error'; readonly fault: Fault; readonly retryAfterMs?: number }
  | { readonly kind: 'lost'; readonly reason: string; readonly mayHaveArrived: boolean }
  /** Nothing was sent. */
  | NoSecret;

export type Unanswered<Fault extends ServiceFault> = Exclude<ServiceAnswer<Fault>, { readonly kind: 'answered' }>;

export interface CustodyService<Fault extends ServiceFault, Meaning extends string> {
  /** As people know it. */
  readonly name: string;
  /**
   * `refusal`: it will not do this, now or later. `closed`: too much was asked of it, and nothing was done. `outage`: the service's own; it
   * may have done what it was asked for.
   */
  readonly meaningOf: (fault: Fault) => Meaning;
}

/** The key of the configuration that is to be looked at for each; `null`: none is at fault. */
export type FaultFields<Meaning extends string> = Readonly<Record<Meaning, string | null>>;

type Failed = Extract<SignerCheck, { readonly kind: 'failed' }>;
export type Asked<T> = { readonly kind: 'told'; readonly value: T } | Failed;

/** What a check was told: `answer` as `schema` has it. */
export function toldOf<T, Fault extends ServiceFault, Meaning extends string>(
  service: CustodyService<Fault, Meaning>,
  answer: ServiceAnswer<Fault>,
  schema: z.ZodType<T>,
  fields: FaultFields<Meaning>,
): Asked<T> {
  switch (answer.kind) {
    case 'answered': {
      const read = schema.safeParse(answer.body);
      if (read.success) return { kind: 'told', value: read.data };
      return { kind: 'failed', field: 'url', reason: `what answered there is not ${service.name}` };
    }
    case 'lost':
      return { kind: 'failed', field: answer.mayHaveArrived ? null : 'url', reason: answer.reason };
    case 'no secret':
      return { kind: 'failed', field: answer.field, reason: answer.reason };
    case 'error': {
      const field = fields[service.meaningOf(answer.fault)];
      return { kind: 'failed', field, reason: shownFault(service.name, answer.fault) };
    }
  }
}

export type Unsigned = Extract<SignResult, { readonly kind: 'refused' | 'unavailable' }>;

/** What came of a request for a signature that the service did not answer as asked. */
export function unsignedOf<Fault extends ServiceFault, Meaning extends string>(
  service: CustodyService<Fault, Meaning>,
  answer: Unanswered<Fault>,
): Unsigned {
  switch (answer.kind) {
    case 'no secret':
      return { kind: 'unavailable', reason: answer.reason, ambiguous: false };
    case 'lost':
      return { kind: 'unavailable', reason: answer.reason, ambiguous: answer.mayHaveArrived };
    case 'error': {
      const { fault, retryAfterMs } = answer;
      const result = unsignedFault(service, fault, { who: service.name, mayHaveSigned: true });
      return result.kind === 'refused' || retryAfterMs === undefined ? result : { ...result, retryAfterMs };
    }
  }
}

/** `mayHaveSigned`: where the fault is an outage, which says nothing of what was done before. */
export function unsignedFault<Fault extends ServiceFault, Meaning extends string>(
  { meaningOf }: CustodyService<Fault, Meaning>,
  fault: Fault,
  { who, mayHaveSigned }: { readonly who: string; readonly mayHaveSigned: boolean },
): Unsigned {
  const reason = shownFault(who, fault);
  const meaning = meaningOf(fault);
  if (meaning === 'refusal') return { kind: 'refused', reason };
  if (meaning === 'closed') return { kind: 'unavailable', reason, ambiguous: false, cause: 'throttled' };
  return { kind: 'unavailable', reason, ambiguous: meaning === 'outage' && mayHaveSigned };
}

export type Unmade = Exclude<CreateResult, { readonly kind: 'created' }>;

/** What came of a request to make or destroy a key that the service did not answer as asked. */
export function unmadeOf<Fault extends ServiceFault, Meaning extends string>(
  service: CustodyService<Fault, Meaning>,
  answer: Unanswered<Fault>,
): Unmade {
  if (answer.kind !== 'error') return { kind: 'unavailable', reason: answer.reason };
  const isRefusal = service.meaningOf(answer.fault) === 'refusal';
  return { kind: isRefusal ? 'refused' : 'unavailable', reason: shownFault(service.name, answer.fault) };
}

function shownFault(who: string, { code, message }: ServiceFault): string {
  return `${who}: ${code === null ? '' : `${code}: `}${message}`;
}
