// Owns what needs a person of requests whose end the RPC nodes do not agree on.
import { ageText, counted, type Finding, notice, problem } from './finding.ts';

/** As the gateway that answers has seen it. */
export interface DisputeFacts {
  /** Of those that it looked at of late, the longest first; `forMs`: since too few nodes agree. */
  readonly open: readonly { readonly requestId: string; readonly forMs: number }[];
  /** What the nodes show of the first of them, for people; `null`: there is none. */
  readonly shown: string | null;
  /** Ids of those that ended so within the last day, the newest first. */
  readonly ended: readonly string[];
}

/** One of several nodes is often a moment ahead of the others. */
const BLIP_MS = 30_000;
const LONG_MS = 300_000;

export function disputeFindings({ open, shown, ended }: DisputeFacts): readonly Finding[] {
  const lasting = open.filter(({ forMs }) => forMs >= BLIP_MS);
  const [longest] = lasting;
  return [
    ...(longest === undefined ? [] : [openFinding(lasting, longest.forMs, shown)]),
    ...(ended.length === 0
      ? []
      : [
          problem(
            'OUTCOME_NOT_AGREED',
            `too few RPC nodes agreed for an hour on the end of ${counted(ended.length, 'request')} within the last day: counted as used`,
            'its record in the audit chain says what each node showed; look the signature up at a node that you trust: what never landed, or failed, is not given back',
            ended,
          ),
        ]),
  ];
}

function openFinding(lasting: DisputeFacts['open'], longestMs: number, shown: string | null): Finding {
  const what = `too few RPC nodes agree on the end of ${counted(lasting.length, 'request')}, for ${ageText(longestMs)}: ${shown ?? 'nothing is known'}`;
  const remedy =
    'look at the nodes of chain that are away, behind or tell otherwise; once those that answer have contradicted each other for an hour, such a request ends INDETERMINATE and counts as used';
  const find = longestMs >= LONG_MS ? problem : notice;
  return find(
    'NODES_DISAGREE',
    what,
    remedy,
    lasting.map(({ requestId }) => requestId),
  );
}
