import { expect, it } from 'vitest';
import type { ApprovalRequirement } from '../decision/decision.ts';
import { unmetText } from './unmet.ts';

const PEOPLE = [
  { id: 'ann', groups: ['treasury'] },
  { id: 'ben', groups: ['treasury', 'security'] },
  { id: 'cy', groups: [] },
];

it.each<[Partial<ApprovalRequirement>, string | null]>([
  [{ quorum: 3 }, null],
  [{ quorum: 4 }, '4 approvals: operators as they are could give 3'],
  [{ quorum: 2, groups: ['treasury'] }, null],
  [{ quorum: 1, groups: ['board'] }, '1 approval from board: operators as they are could give 0'],
  [{ quorum: 1, groups: ['board'], escalation: { afterSeconds: 1, groups: ['treasury'] } }, null],
  [
    {
      quorum: 2,
      perGroup: [
        { group: 'treasury', quorum: 1 },
        { group: 'security', quorum: 1 },
      ],
    },
    null,
  ],
  [
    { quorum: 3, perGroup: [{ group: 'security', quorum: 2 }] },
    '3 approvals: operators as they are could give 2, and nobody for 1 of security',
  ],
])('tells an approval that nobody could give: case %#', (change, text) => {
  expect(unmetText({ quorum: 1, groups: [], timeoutSeconds: 60, ...change }, PEOPLE)).toBe(text);
});
