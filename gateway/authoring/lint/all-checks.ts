// Owns the table of everything that the linter looks for, in the order of the documents.
import { ABSENCE_CHECKS } from './checks/absence.ts';
import { COMPARISON_CHECKS } from './checks/comparisons.ts';
import { DATA_CHECKS } from './checks/data.ts';
import { ENGINE_CHECKS } from './checks/engine.ts';
import { LIST_CHECKS } from './checks/lists.ts';
import { METADATA_CHECKS } from './checks/metadata.ts';
import { TEST_CHECKS } from './checks/tests.ts';
import { TRUST_CHECKS } from './checks/trust.ts';
import { VERDICT_CHECKS } from './checks/verdict.ts';
import type { Check } from './finding.ts';

export interface CheckGroup {
  readonly title: string;
  readonly checks: readonly Check[];
}

export const CHECK_GROUPS: readonly CheckGroup[] = [
  { title: 'The verdict', checks: VERDICT_CHECKS },
  { title: 'Lists', checks: LIST_CHECKS },
  { title: 'What is missing', checks: ABSENCE_CHECKS },
  { title: 'Comparisons', checks: COMPARISON_CHECKS },
  { title: 'The engine', checks: ENGINE_CHECKS },
  { title: 'What a decision rests on', checks: TRUST_CHECKS },
  { title: 'METADATA and reasons', checks: METADATA_CHECKS },
  { title: 'Tests', checks: TEST_CHECKS },
  { title: 'Policy data', checks: DATA_CHECKS },
];

export const ALL_CHECKS: readonly Check[] = CHECK_GROUPS.flatMap(({ checks }) => checks);
