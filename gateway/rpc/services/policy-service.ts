// Owns PolicyService: which revision decides, which ones could, and what another one says.
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { PolicyService } from '../../../proto/gen/countersign/v1/policy_pb.ts';
import type { Decision } from '../../core/decision/decision.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Operator } from '../../core/principal/principal.ts';
import { sha256 } from '../../pipeline/digest.ts';
import type { PolicyControl, UnmetApprovals } from '../../policy/policy-control.ts';
import { LARGEST_ARCHIVE, type PolicyRevisionRecord } from '../../state/contract/policy-store.ts';
import type { RequestRecord, RequestStore } from '../../state/contract/request-store.ts';
import { type BoundMethod, clientStream, serverStream, unary } from '../bound-method.ts';
import { countField, refuseField, shown, textField, uuidField } from '../fields.ts';
import { decisionMessage } from '../messages/decision.ts';
import { recordedDecisionMessage, revisionMessage, shadowMessage, statusMessage } from '../messages/policy.ts';

const CHUNK_BYTES = 64 * 1024;
const LONGEST_REASON = 500;
const MOST_PUSHES = 2;
const MOST_REVISIONS = 1000;
const MOST_SAMPLES = 500;
/** Recorded decisions read at once. */
const PAGE = 64;

const REVISION = /^[\x21-\x7e]{1,160}$/;

export function policyMethods(
  control: PolicyControl,
  requests: Pick<RequestStore, 'find' | 'readJudged'>,
  unmetApprovals: UnmetApprovals,
): readonly BoundMethod<Operator>[] {
  const { method } = PolicyService;
  let pushes = 0;

  /** Each holds a whole archive in memory until it is prepared. */
  async function push(principal: Operator, parts: AsyncIterable<{ readonly chunk: Uint8Array }>) {
    if (pushes >= MOST_PUSHES) {
      throw new GatewayError(
        'OVERLOADED',
        `${MOST_PUSHES} bundles are being pushed already; push again when they are in`,
      );
    }
    pushes += 1;
    try {
      return { revision: revisionMessage(await control.push(principal, await collected(parts))) };
    } finally {
      pushes -= 1;
    }
  }

  async function activated(active: PolicyRevisionRecord) {
    // It decides already; where nobody can tell now, doctor does later.
    const warnings = await unmetApprovals(active.revision).catch((): readonly string[] => []);
    return { active: revisionMessage(active), warnings: [...warnings] };
  }

  return [
    unary(method.getPolicyStatus, async () => statusMessage(await control.status())),
    unary(method.listRevisions, async ({ pageSize }) => ({
      revisions: (await control.revisions(countField('page_size', pageSize, 50, MOST_REVISIONS))).map(revisionMessage),
    })),
    clientStream(method.pushBundle, async (parts, { principal }) => {
      mayChange(principal);
      return push(principal, parts);
    }),
    serverStream(method.downloadBundle, async function* ({ revision }) {
      const archive = await control.download(revisionField(revision));
      for (let start = 0; start < archive.length; start += CHUNK_BYTES) {
        yield { chunk: archive.subarray(start, start + CHUNK_BYTES) };
      }
    }),
    unary(method.activateRevision, async ({ revision, reason }, { principal }) => {
      mayChange(principal);
      return activated(await control.activate(principal, revisionField(revision), why(reason)));
    }),
    unary(method.rollBack, async ({ reason }, { principal }) => {
      mayChange(principal);
      return activated(await control.rollBack(principal, why(reason)));
    }),
    unary(method.followSource, async ({ reason }, { principal }) => {
      mayChange(principal);
      await control.follow(principal, why(reason));
      return {};
    }),
    unary(method.setShadow, async ({ revision }, { principal }) => {
      mayChange(principal);
      await control.setShadow(principal, revision === '' ? null : revisionField(revision));
      return {};
    }),
    unary(method.getShadowReport, async ({ samples }) =>
      shadowMessage(await control.shadowReport(countField('samples', samples, 20, MOST_SAMPLES))),
    ),
    unary(method.explain, async ({ requestId, policyInput, revision }) => {
      const judged = await judgedInput(requests, requestId, policyInput);
      const by = revision === '' ? judged.revision : revisionField(revision);
      const said = await control.explain(judged.input, by);
      const decision: Decision = {
        decisionId: '',
        verdict: said.verdict,
        bundleRevision: said.revision,
        inputDigest: sha256(judged.input),
      };
      const { explanation } = said;
      return { revision: said.revision, decision: decisionMessage(decision), explanation, policyInput: judged.input };
    }),
    serverStream(method.streamDecisions, async function* ({ startTime, endTime, agent, wallet, requestId }) {
      if (requestId !== '') {
        if (startTime ?? endTime ?? (agent || wallet)) refuseField('request_id', 'given alone', 'more');
        yield { decisions: [recordedDecisionMessage(await recorded(requests, requestId))] };
        return;
      }
      const filter = {
        from: startTime === undefined ? null : timestampMs(startTime),
        to: endTime === undefined ? null : timestampMs(endTime),
        agentId: agent === '' ? null : agent,
        walletId: wallet === '' ? null : wallet,
      };
      for (let after: string | null = null; ; ) {
        const page = await requests.readJudged(filter, after, PAGE);
        if (page.length > 0) yield { decisions: page.map(recordedDecisionMessage) };
        if (page.length < PAGE) return;
        after = page.at(-1)?.requestId ?? after;
      }
    }),
  ];
}

/** Auditors and administrators may look, and no more. */
function mayChange({ roles }: Operator): void {
  if (roles.includes('policy')) return;
  throw new GatewayError('ROLE_MISSING', 'this needs the role policy, which the operator does not have');
}

async function collected(parts: AsyncIterable<{ readonly chunk: Uint8Array }>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const { chunk } of parts) {
    size += chunk.length;
    if (size > LARGEST_ARCHIVE) refuseField('chunk', `of an archive of at most ${LARGEST_ARCHIVE} bytes`, 'more');
    chunks.push(chunk);
  }
  if (size === 0) refuseField('chunk', "a part of a gzipped tar file in OPA's bundle format", 'nothing');
  return Buffer.concat(chunks);
}

async function judgedInput(
  requests: Pick<RequestStore, 'find'>,
  requestId: string,
  policyInput: Uint8Array,
): Promise<{ readonly input: Uint8Array; readonly revision: string | null }> {
  if ((requestId === '') === (policyInput.length === 0)) {
    refuseField('request_id', 'given, or policy_input, and not both', requestId === '' ? 'neither' : 'both');
  }
  if (requestId === '') return { input: policyInput, revision: null };
  const request = await recorded(requests, requestId);
  return { input: request.judgement.policyInput, revision: request.judgement.decision.bundleRevision };
}

async function recorded(requests: Pick<RequestStore, 'find'>, requestId: string): Promise<RequestRecord> {
  const request = await requests.find(uuidField('request_id', requestId));
  if (request !== null) return request;
  throw new GatewayError('REQUEST_NOT_FOUND', `request_id: there is no request ${requestId}`);
}

function revisionField(value: string): string {
  if (!REVISION.test(value)) refuseField('revision', 'the name of a revision, as ListRevisions says it', shown(value));
  return value;
}

function why(reason: string): string {
  return textField('reason', reason, LONGEST_REASON);
}

/** 0: the usual number. */
