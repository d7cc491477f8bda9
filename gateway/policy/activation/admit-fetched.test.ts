import { describe, expect, it } from 'vitest';
import { type AdmitOptions, admitFetched } from './admit-fetched.ts';
import { UNSIGNED } from './testing/replica-scene.ts';

const SIGNED = { ...UNSIGNED, allowUnsigned: false };
const HOUR = 3_600_000;

/** What decides was built at 5 hours; a bundle of 4 hours is fetched. */
function fetchOlder(origin: 'directory' | 'http', verification: AdmitOptions['verification']) {
  const kept: string[] = [];
  const stub = {
    source: { origin, label: origin },
    verification,
    observer: { stepped: () => undefined },
    now: () => 6 * HOUR,
    active: { converge: async () => undefined },
    revisions: {
      prepare: async () => ({ bundle: { revision: 'old', builtAt: 4 * HOUR, gitCommit: null }, seconds: 0 }),
      keep: async () => void kept.push('old'),
    },
    store: {
      selection: async () => ({ version: 1n, pinnedRevision: null, followedRevision: 'new', shadowRevision: null }),
      find: async () => ({ revision: 'new', builtAt: 5 * HOUR, gitCommit: null }),
      everActive: async () => false,
      select: async () => ({}),
    },
  };
  // Only what a decision on age needs is there.
  const admit = admitFetched(Object(stub));
  const fetched = {
    token: 't',
    content: { kind: 'archive' as const, archive: new Uint8Array(1) },
    gitCommit: null,
    seconds: 0,
  };
  return { kept, admitted: admit({ ...fetched, builtHere: false }) };
}

describe('an older bundle', () => {
  it('from a directory is taken where bundles need no signature: whoever develops goes back as well', async () => {
    const { kept, admitted } = fetchOlder('directory', UNSIGNED);
    await admitted;
    expect(kept).toEqual(['old']);
  });

  it.each(['directory', 'http'] as const)('from a %s is refused where they must be signed', async (origin) => {
    const { kept, admitted } = fetchOlder(origin, SIGNED);
    await expect(admitted).rejects.toMatchObject({ code: 'OLDER_THAN_ACTIVE' });
    expect(kept).toEqual([]);
  });
});
