// Owns what every fan-out of hints must do, whatever carries them.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { FanOut, Hint } from '../../gateway/replicas/fan-out.ts';

/** `open` answers members that have found each other. */
export function describeFanOutConformance(
  name: string,
  open: () => Promise<{ readonly members: readonly [FanOut, FanOut, FanOut]; close(): Promise<void> }>,
): void {
  describe(`${name} as a fan-out`, () => {
    let subject: Awaited<ReturnType<typeof open>>;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject.close());

    /** What each member is told while `act` runs and until all of `until` was told to the last. */
    async function told(act: () => void, until: readonly string[]): Promise<readonly Told[]> {
      const heard = subject.members.map(() => ({ topics: new Set<string>(), requests: new Set<string>() }));
      const stops = subject.members.map((member, n) => member.onHint((hint) => note(heard[n], hint)));
      try {
        act();
        await vi.waitFor(
          () => expect([...(heard[2]?.requests ?? [])]).toEqual(expect.arrayContaining([...until])),
          5_000,
        );
        await vi.waitFor(
          () => expect([...(heard[1]?.requests ?? [])]).toEqual(expect.arrayContaining([...until])),
          5_000,
        );
        return heard.map(({ topics, requests }) => ({ topics: [...topics].sort(), requests: [...requests].sort() }));
      } finally {
        for (const stop of stops) stop();
      }
    }

    it('tells every other member what changed, and not the one who says so', async () => {
      const [first] = subject.members;
      const hint = { topics: ['audit', 'controls', 'policy'], requests: ['r-1', 'r-2'] } as const;
      const everything = { topics: ['audit', 'controls', 'policy'], requests: ['r-1', 'r-2'] };
      expect(await told(() => first.publish(hint), ['r-1', 'r-2'])).toEqual([
        { topics: [], requests: [] },
        everything,
        everything,
      ]);
    });

    it('tells of many at once', async () => {
      const ids = Array.from({ length: 1_000 }, (_, n) => `request-${n}`);
      const [first] = subject.members;
      const [, second] = await told(() => {
        for (const id of ids) first.publish({ topics: [], requests: [id] });
      }, ids);
      expect(second?.requests).toHaveLength(ids.length);
    });

    it('returns before anybody is told', () => {
      const [first, second] = subject.members;
      const heard: Hint[] = [];
      const stop = second.onHint((hint) => heard.push(hint));
      first.publish({ topics: ['audit'], requests: [] });
      expect(heard).toEqual([]);
      stop();
    });

    it('tells nobody who has stopped listening', async () => {
      const [first, second] = subject.members;
      const heard: Hint[] = [];
      second.onHint((hint) => heard.push(hint))();
      await told(() => first.publish({ topics: ['policy'], requests: ['r-3'] }), ['r-3']);
      expect(heard).toEqual([]);
    });
  });
}

interface Told {
  readonly topics: readonly string[];
  readonly requests: readonly string[];
}

function note(heard: { topics: Set<string>; requests: Set<string> } | undefined, hint: Hint): void {
  for (const topic of hint.topics) heard?.topics.add(topic);
  for (const id of hint.requests) heard?.requests.add(id);
}
