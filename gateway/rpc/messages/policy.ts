// Owns how policy revisions, replicas, shadows and recorded decisions look on the wire.
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import {
  type GetPolicyStatusResponseSchema,
  type GetShadowReportResponseSchema,
  type PolicyRevisionSchema,
  type RecordedDecisionSchema,
  DecisionDifference as WireDifference,
  BundleOrigin as WireOrigin,
} from '../../../proto/gen/countersign/v1/policy_pb.ts';
import type { DecisionDifference } from '../../core/decision/difference.ts';
import type { PolicyStatus } from '../../policy/policy-control.ts';
import type {
  BundleOrigin,
  PolicyRevisionRecord,
  ShadowReport,
  ShadowSample,
  ShadowTally,
} from '../../state/contract/policy-store.ts';
import type { RequestRecord } from '../../state/contract/request-store.ts';
import { decisionMessage, reasonMessages, VERDICTS } from './decision.ts';
import { WIRE_STATES } from './request.ts';

const ORIGINS = {
  directory: WireOrigin.DIRECTORY,
  git: WireOrigin.GIT,
  http: WireOrigin.HTTP,
  push: WireOrigin.PUSH,
} satisfies Record<BundleOrigin, WireOrigin>;

const DIFFERENCES = {
  newly_denied: WireDifference.NEWLY_DENIED,
  newly_allowed: WireDifference.NEWLY_ALLOWED,
  newly_asked: WireDifference.NEWLY_ASKED,
  other_reasons: WireDifference.OTHER_REASONS,
} satisfies Record<DecisionDifference, WireDifference>;

export function revisionMessage(record: PolicyRevisionRecord): MessageInitShape<typeof PolicyRevisionSchema> {
  return {
    revision: record.revision,
    origin: ORIGINS[record.origin],
    gitCommit: record.gitCommit ?? '',
    archiveSha256: record.archiveDigest,
    signedBy: record.signedBy ?? '',
    pushedBy: record.pushedBy ?? '',
    storeTime: timestampFromMs(record.storedAt),
    ...(record.builtAt === null ? {} : { buildTime: timestampFromMs(record.builtAt) }),
    ...(record.firstActiveAt === null ? {} : { firstActiveTime: timestampFromMs(record.firstActiveAt) }),
  };
}

export function statusMessage(status: PolicyStatus): MessageInitShape<typeof GetPolicyStatusResponseSchema> {
  const { active, selection, source, replicas } = status;
  return {
    active: revisionMessage(active),
    pinnedRevision: selection.pinnedRevision ?? '',
    followedRevision: selection.followedRevision ?? '',
    shadowRevision: selection.shadowRevision ?? '',
    source,
    replicas: replicas.map((replica) => ({
      replica: replica.replica,
      revision: replica.revision,
      shadowRevision: replica.shadowRevision ?? '',
      problem: replica.problem ?? '',
      seenTime: timestampFromMs(replica.seenAt),
    })),
    chosenBy: selection.chosenBy ?? '',
    ...(selection.chosenAt === null ? {} : { chooseTime: timestampFromMs(selection.chosenAt) }),
  };
}

export function shadowMessage(report: ShadowReport): MessageInitShape<typeof GetShadowReportResponseSchema> {
  const counted = (kind: ShadowTally['kind']) => report.tallies.find((tally) => tally.kind === kind)?.decisions ?? 0n;
  return {
    activeRevision: report.activeRevision,
    shadowRevision: report.shadowRevision,
    startTime: timestampFromMs(report.since),
    judged: counted('judged'),
    skipped: counted('skipped'),
    failed: counted('failed'),
    differences: report.tallies.flatMap(({ kind, decisions, exposure }) =>
      kind === 'judged' || kind === 'skipped' || kind === 'failed'
        ? []
        : [{ difference: DIFFERENCES[kind], decisions, exposure: inText(exposure) }],
    ),
    samples: report.samples.map(sampleMessage),
  };
}

function sampleMessage(sample: ShadowSample) {
  return {
    time: timestampFromMs(sample.time),
    requestId: sample.requestId,
    agent: sample.agentId,
    wallet: sample.walletId,
    difference: DIFFERENCES[sample.difference],
    activeVerdict: VERDICTS[sample.active.kind],
    shadowVerdict: VERDICTS[sample.shadow.kind],
    activeReasons: reasonMessages(sample.active.reasons),
    shadowReasons: reasonMessages(sample.shadow.reasons),
  };
}

export function recordedDecisionMessage(request: RequestRecord): MessageInitShape<typeof RecordedDecisionSchema> {
  return {
    requestId: request.requestId,
    agent: request.ask.agentId,
    wallet: request.ask.walletId,
    time: timestampFromMs(request.createdAt),
    decision: decisionMessage(request.judgement.decision),
    policyInput: request.judgement.policyInput,
    state: WIRE_STATES[request.state],
    stateTime: timestampFromMs(request.updatedAt),
  };
}

function inText(exposure: Readonly<Record<string, bigint>>): Record<string, string> {
  return Object.fromEntries(Object.entries(exposure).map(([asset, amount]) => [asset, amount.toString()]));
}
