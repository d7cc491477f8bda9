// Owns how a limit over time looks on the wire.
import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  type LimitSchema,
  LimitScope as WireScope,
  CalendarUnit as WireUnit,
} from '../../../proto/gen/countersign/v1/decision_pb.ts';
import { assertNever } from '../../core/assert-never.ts';
import type { ApprovalRequirement, Limit, LimitMeasure, LimitWindow } from '../../core/decision/decision.ts';

type WireLimit = MessageInitShape<typeof LimitSchema>;

const SCOPES = {
  agent_wallet: WireScope.AGENT_WALLET,
  wallet: WireScope.WALLET,
  agent: WireScope.AGENT,
  agent_group: WireScope.AGENT_GROUP,
  global: WireScope.GLOBAL,
  session: WireScope.SESSION,
} satisfies Record<Limit['scope'], WireScope>;

const UNITS = { day: WireUnit.DAY, week: WireUnit.WEEK, month: WireUnit.MONTH } as const;

export function limitMessage({
  id,
  scope,
  group = '',
  session = '',
  measure,
  window,
  max,
  onExceed,
}: Limit): WireLimit {
  return {
    id,
    scope: SCOPES[scope],
    group,
    sessionKeyId: session,
    measure: measureMessage(measure),
    window: windowMessage(window),
    max: max.toString(),
    ...(onExceed.kind === 'deny' ? {} : { approval: approvalMessage(onExceed.approval) }),
  };
}

function approvalMessage({ quorum, groups, timeoutSeconds }: ApprovalRequirement): NonNullable<WireLimit['approval']> {
  return { quorum, groups: [...groups], timeoutSeconds };
}

function measureMessage(measure: LimitMeasure): NonNullable<WireLimit['measure']> {
  const { program = '' } = measure;
  switch (measure.kind) {
    case 'outflow': {
      const { asset, recipient = '', net = false } = measure;
      return { case: 'outflow', value: { asset, recipient, net, program } };
    }
    case 'fee':
      return { case: 'fee', value: { program } };
    case 'rent':
      return { case: 'rent', value: { program } };
    case 'count':
      return { case: 'count', value: { program } };
    case 'sponsored':
      return { case: 'sponsored', value: { payer: measure.payer } };
    default:
      return assertNever(measure);
  }
}

function windowMessage(window: LimitWindow): NonNullable<WireLimit['window']> {
  switch (window.kind) {
    case 'rolling':
      return { case: 'rollingSeconds', value: window.seconds };
    case 'calendar':
      return { case: 'calendar', value: { unit: UNITS[window.unit], timeZone: window.timeZone } };
    case 'lifetime':
      return { case: 'lifetime', value: {} };
    default:
      return assertNever(window);
  }
}
