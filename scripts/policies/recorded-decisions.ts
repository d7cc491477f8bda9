// Owns the recorded decisions of the example repository: what a backtest begins with there, and so what its policy decides today.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decisionsInFile } from '../../gateway/authoring/backtest/decision-file.ts';
import { openBundle } from '../../gateway/authoring/open-bundle.ts';
import { EXAMPLE } from '../../gateway/authoring/repository/new-repository.ts';
import { differenceOf } from '../../gateway/core/decision/difference.ts';
import { decisionLine, type LoggedDecision } from '../../gateway/policy/decision-log/decision-line.ts';

const RECORDED = join(EXAMPLE, 'recorded', 'decisions.ndjson');

/** Names of the requests that the example decides otherwise today, or for other reasons. With `update` they are recorded anew. */
export async function recordedDrift(update: boolean): Promise<readonly string[]> {
  const policy = await openBundle(EXAMPLE);
  const recorded = await Array.fromAsync(decisionsInFile(RECORDED));
  const today = recorded.map((decision): LoggedDecision => {
    const verdict = policy.evaluate(decision.input);
    if (differenceOf(decision.verdict, verdict) === null) return decision;
    return { ...decision, verdict, bundleRevision: policy.bundleRevision };
  });
  if (update) await writeFile(RECORDED, today.map(decisionLine).join(''));
  return update ? [] : today.filter((decision, at) => decision !== recorded[at]).map(({ requestId }) => requestId);
}
