// Owns the `request` part of a policy input, which is the same for a transaction and for a message. Keys stand in code point order.
import { text, whole } from './json-text.ts';
import { type LocalTime, localTimesJson } from './local-time.ts';

export interface RequestFacts<Method extends string> {
  readonly id: string;
  readonly method: Method;
  /** Unix milliseconds. */
  readonly time: number;
  /** The same in the time zones that the policy data names, by IANA name. */
  readonly localTimes: Readonly<Record<string, LocalTime>>;
}

/** Throws on a time that is none. */
export function requestJson({ id, localTimes, method, time }: RequestFacts<string>): string {
  return (
    `{"id":${text(id)},"local_times":${localTimesJson(localTimes)},"method":${text(method)}` +
    `,"time":${text(new Date(time).toISOString())},"time_unix_ms":${whole(time)}}`
  );
}
