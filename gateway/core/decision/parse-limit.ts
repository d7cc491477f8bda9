// Owns the reading of one limit of a decision document.
import type { Limit, LimitMeasure, LimitWindow } from './decision.ts';
import { at, integerWithin, Malformed, objectOf, textLike } from './document-parts.ts';
import { isJsonObject, type JsonValue } from './json-value.ts';
import { parseApprovalRequirement } from './parse-approval-requirement.ts';

const ID = /^[A-Za-z0-9][A-Za-z0-9_./:+-]{0,319}$/;
const SCOPES = ['agent_wallet', 'wallet', 'agent', 'agent_group', 'global'] as const;
const UNITS = ['day', 'week', 'month'] as const;
const GROUP = /^[a-z0-9][a-z0-9_-]{0,63}$/;
const ASSET = /^(SOL|[1-9A-HJ-NP-Za-km-z]{32,44})$/;
const ADDRESS = /^[1-9A-HJ-NP-Za-km-z]{32,44}$/;
const TIME_ZONE = /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+){0,2}$/;
/** 366 days. */
const LONGEST_WINDOW_SECONDS = 31_622_400n;
/** Far beyond every sum of u64 amounts. */
const LARGEST_MAX = 1n << 96n;

/** Throws Malformed. */
export function parseLimit(value: JsonValue): Limit {
  const limit = objectOf(
    value,
    'a limit',
    ['id', 'scope', 'measure', 'window', 'max', 'on_exceed'],
    ['approval', 'group'],
  );
  const scope = oneOf(at(limit, 'scope'), SCOPES, '`scope` of a limit');
  return {
    id: textLike(at(limit, 'id'), ID, '`id` of a limit must be 1 to 320 of letters, digits and _./:+-'),
    scope,
    ...groupOf(scope, limit.group),
    measure: measureOf(at(limit, 'measure')),
    window: windowOf(at(limit, 'window')),
    max: integerWithin(at(limit, 'max'), 0n, LARGEST_MAX, '`max` of a limit'),
    onExceed: onExceedOf(at(limit, 'on_exceed'), limit.approval ?? null),
  };
}

function groupOf(scope: Limit['scope'], group: JsonValue | undefined): Pick<Limit, 'group'> {
  if ((scope === 'agent_group') !== (group !== undefined)) {
    throw new Malformed('`group` of a limit must be set with the scope agent_group, and absent with others');
  }
  if (group === undefined) return {};
  return { group: textLike(group, GROUP, '`group` of a limit must be 1 to 64 of a-z, 0-9, dash and underscore') };
}

function onExceedOf(value: JsonValue, approval: JsonValue): Limit['onExceed'] {
  const kind = oneOf(value, ['deny', 'require_approval'] as const, '`on_exceed` of a limit');
  const requirement = parseApprovalRequirement(approval);
  if ((kind === 'require_approval') !== (requirement !== null)) {
    throw new Malformed('`approval` of a limit must be set with on_exceed require_approval, and absent with deny');
  }
  return requirement === null ? { kind: 'deny' } : { kind: 'require_approval', approval: requirement };
}

function measureOf(value: JsonValue): LimitMeasure {
  const kind = oneOf(kindIn(value), ['outflow', 'fee', 'rent', 'count'] as const, '`kind` of a measure');
  if (kind !== 'outflow') {
    const { program } = objectOf(value, `the measure ${kind}`, ['kind'], ['program']);
    return { kind, ...addressOf('program', program) };
  }
  const measure = objectOf(value, 'the measure outflow', ['kind', 'asset'], ['recipient', 'net', 'program']);
  const asset = textLike(at(measure, 'asset'), ASSET, '`asset` of a measure must be SOL or a mint');
  const outflow = { kind, asset, ...addressOf('program', measure.program) };
  if (measure.net === undefined) return { ...outflow, ...addressOf('recipient', measure.recipient) };
  if (measure.net !== true || measure.recipient !== undefined) {
    throw new Malformed('`net` of a measure must be true, or absent; and there is none for one recipient');
  }
  return { ...outflow, net: true };
}

function addressOf<Key extends string>(key: Key, value: JsonValue | undefined): { readonly [K in Key]?: string } {
  if (value === undefined) return {};
  const address = textLike(value, ADDRESS, `\`${key}\` of a measure must be an address`);
  return { [key]: address } as { readonly [K in Key]: string };
}

function windowOf(value: JsonValue): LimitWindow {
  const kind = oneOf(kindIn(value), ['rolling', 'calendar', 'lifetime'] as const, '`kind` of a window');
  switch (kind) {
    case 'rolling': {
      const { seconds } = objectOf(value, 'a rolling window', ['kind', 'seconds']);
      return {
        kind,
        seconds: Number(integerWithin(seconds ?? null, 1n, LONGEST_WINDOW_SECONDS, '`seconds` of a window')),
      };
    }
    case 'calendar': {
      const window = objectOf(value, 'a calendar window', ['kind', 'unit', 'time_zone']);
      const unit = oneOf(at(window, 'unit'), UNITS, '`unit` of a calendar window');
      return { kind, unit, timeZone: textLike(at(window, 'time_zone'), TIME_ZONE, '`time_zone` must be an IANA name') };
    }
    case 'lifetime':
      objectOf(value, 'a lifetime window', ['kind']);
      return { kind };
  }
}

function kindIn(value: JsonValue): JsonValue {
  return isJsonObject(value) ? (value.kind ?? null) : null;
}

function oneOf<T extends string>(value: JsonValue, allowed: readonly T[], what: string): T {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw new Malformed(`${what} must be one of ${allowed.join(', ')}`);
  return found;
}
