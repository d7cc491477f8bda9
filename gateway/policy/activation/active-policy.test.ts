import { expect, it } from 'vitest';
import type { PolicySelection } from '../../state/contract/policy-store.ts';
import { BundleRefused } from '../preparation/refusal.ts';
import { createActivePolicy } from './active-policy.ts';
import type { OpenRevision } from './revisions.ts';

const NOTHING_CHOSEN: PolicySelection = {
  version: 0n,
  pinnedRevision: null,
  followedRevision: null,
  shadowRevision: null,
  shadowSince: null,
  chosenBy: null,
  chosenAt: null,
};

function openRevision(revision: string): OpenRevision {
  return {
    record: {
      revision,
      archiveDigest: new Uint8Array(32),
      origin: 'push',
      gitCommit: null,
      builtAt: null,
      signedBy: null,
      pushedBy: null,
      storedAt: 0,
      firstActiveAt: null,
    },
    generation: {
      bundleRevision: revision,
      describedPrograms: new Map(),
      timeZones: [],
      assets: new Map(),
      agentGroups: null,
      evaluate: () => ({ kind: 'deny', reasons: [] }),
      explain: () => null,
    },
    seconds: 0,
  };
}

it('never lets a revision decide that an operator replaced while it was being opened', async () => {
  let selection: PolicySelection = { ...NOTHING_CHOSEN, followedRevision: 'bad' };
  const decided: string[] = [];
  const active = createActivePolicy({
    store: {
      selection: async () => selection,
      activated: async (revision) => void decided.push(revision),
    },
    revisions: {
      open: async (revision) => {
        if (revision === 'bad') selection = { ...selection, pinnedRevision: 'good' };
        return openRevision(revision);
      },
    },
    refusals: { tell: (error) => new BundleRefused('RECORD_FAILED', String(error)) },
    observer: { activated: () => {}, stepped: () => {}, refused: () => {} },
    replica: 'one',
    now: () => 0,
    changed: () => {},
  });
  await active.converge();
  active.close();
  expect(decided).toEqual(['good']);
  expect(active.current().bundleRevision).toBe('good');
});
