// Owns how the decision of the policy is said on the terminal.
import { type Decision, Verdict } from '../../proto/gen/countersign/v1/decision_pb.ts';
import { printable } from '../core/explanation/printable.ts';
import { reasonLines } from './render-approval.ts';

export function decisionLines(decision: Decision | undefined): readonly string[] {
  if (decision === undefined) return ['The decision: NOT KNOWN'];
  const { verdict, bundleRevision, reasons } = decision;
  return [
    isRejected(decision)
      ? `The policy ASKED FOR APPROVAL (revision ${printable(bundleRevision)}), and a person REJECTED it`
      : `The policy ${VERDICTS[verdict]} (revision ${printable(bundleRevision)})`,
    ...reasons.flatMap(reasonLines).map((line) => `  ${line}`),
  ];
}

/** The gateway denies then, in the place of what the policy said. The reason says who it was. */
function isRejected({ verdict, reasons }: Decision): boolean {
  return (
    verdict === Verdict.DENY && reasons.some(({ rule, code }) => rule === 'gateway' && code === 'APPROVAL_REJECTED')
  );
}

const VERDICTS: { readonly [V in Verdict]: string } = {
  [Verdict.UNSPECIFIED]: 'gave NO VERDICT',
  [Verdict.ALLOW]: 'allows it',
  [Verdict.DENY]: 'DENIES it',
  [Verdict.REQUIRE_APPROVAL]: 'ASKS FOR APPROVAL',
};
