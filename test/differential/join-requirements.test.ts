import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalJson } from '../../gateway/core/canonical-json.ts';
import type { ApprovalRequirement } from '../../gateway/core/decision/decision.ts';
import { joinRequirements } from '../../gateway/core/decision/join-requirements.ts';
import { parseJson } from '../../gateway/core/decision/json-value.ts';
import { parseApprovalRequirement } from '../../gateway/core/decision/parse-approval-requirement.ts';
import { approvalJson } from '../../gateway/core/decision/verdict-json.ts';
import { findOpa, runOpa } from '../../gateway/policy/build/opa.ts';

const CASES = 1_500;

const groups = (minLength: number) => fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength, maxLength: 3 });

/** Often of the same groups, so that many can be joined. */
const anyRequirement: fc.Arbitrary<ApprovalRequirement> = fc
  .record({
    more: fc.integer({ min: 0, max: 4 }),
    groups: fc.constantFrom([], [], ['a', 'b', 'c'], ['c', 'b', 'a'], ['b']),
    seats: fc.uniqueArray(
      fc.record({ group: fc.constantFrom('a', 'b', 'c'), quorum: fc.integer({ min: 1, max: 6 }) }),
      {
        maxLength: 2,
        selector: ({ group }) => group,
      },
    ),
    escalation: fc.option(fc.record({ afterSeconds: fc.integer({ min: 1, max: 50 }), groups: groups(1) })),
    timeoutSeconds: fc.integer({ min: 40, max: 60 }),
  })
  .map(({ more, groups: named, seats, escalation, timeoutSeconds }) => {
    const perGroup = seats.filter(({ group }) => named.length === 0 || named.some((name) => name === group));
    const quorum = Math.min(
      16,
      Math.max(
        1,
        perGroup.reduce((sum, each) => sum + each.quorum, more),
      ),
    );
    return {
      quorum,
      groups: named,
      ...(perGroup.length === 0 ? {} : { perGroup }),
      ...(escalation === null || escalation.afterSeconds >= timeoutSeconds ? {} : { escalation }),
      timeoutSeconds,
    };
  });

it('requirements are joined as the policy joins them, and what comes out can be read', async () => {
  const cases = fc.sample(fc.array(anyRequirement, { maxLength: 3 }), { numRuns: CASES });
  const joined = cases.map(joinRequirements);
  const kinds = joined.map((each) => (each === null ? 'none' : Object.keys(each).sort().join()));
  expect(new Set(kinds).size).toBe(5);
  for (const requirement of joined) {
    if (requirement === null) continue;
    expect(parseApprovalRequirement(parseJson(canonicalJson(approvalJson(requirement))))).toEqual(requirement);
  }
  const ours = joined.map((each) => (each === null ? null : approvalJson(each)));
  expect(canonicalJson(parseJson(await joinedByOpa(cases)))).toBe(canonicalJson(ours));
});

async function joinedByOpa(cases: readonly (readonly ApprovalRequirement[])[]): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'join-requirements-'));
  try {
    const input = join(directory, 'input.json');
    await writeFile(input, canonicalJson({ cases: cases.map((each) => each.map(approvalJson)) }));
    const joined = 'object.get({"joined": j | j := data.countersign.approvals.joint(each)}, "joined", null)';
    const query = `json.marshal([${joined} | some each in input.cases])`;
    const policies = ['--data', 'policies/countersign/approvals', '--data', 'policies/countersign/terms'];
    return await runOpa(findOpa(), ['eval', ...policies, '--input', input, '--format', 'raw', query]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
