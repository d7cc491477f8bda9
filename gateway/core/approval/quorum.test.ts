import { describe, expect, it } from 'vitest';
import type { ApprovalRequirement } from '../decision/decision.ts';
import { isQuorate, mayVote, quorumStanding } from './quorum.ts';

const any: ApprovalRequirement = { quorum: 2, groups: [], timeoutSeconds: 60 };
const seated: ApprovalRequirement = {
  quorum: 3,
  groups: ['security', 'treasury'],
  perGroup: [
    { group: 'security', quorum: 1 },
    { group: 'treasury', quorum: 2 },
  ],
  escalation: { afterSeconds: 30, groups: ['board'] },
  timeoutSeconds: 60,
};

const ann = { id: 'ann', groups: ['treasury'] };
const tom = { id: 'tom', groups: ['treasury'] };
const tim = { id: 'tim', groups: ['treasury'] };
const ben = { id: 'ben', groups: ['security'] };
const both = { id: 'amy', groups: ['security', 'treasury'] };
const chair = { id: 'kim', groups: ['board'] };

describe('a quorum', () => {
  it('counts people, each once', () => {
    expect(isQuorate(any, [ann, ann], false)).toBe(false);
    expect(isQuorate(any, [ann, ben], false)).toBe(true);
    expect(quorumStanding(any, [ann], false)).toEqual({ counted: 1, missing: 1, openSeats: [] });
  });

  it('counts nobody of another group', () => {
    const treasury = { ...any, groups: ['treasury'] };
    expect(mayVote(treasury, ben, false)).toBe(false);
    expect(isQuorate(treasury, [ann, ben], false)).toBe(false);
    expect(isQuorate(treasury, [ann, tom], false)).toBe(true);
  });

  it('of nobody is none, whatever a requirement says', () => {
    expect(isQuorate({ ...any, quorum: 0 }, [ann], false)).toBe(false);
    expect(isQuorate({ ...any, quorum: 0 }, [], false)).toBe(false);
    expect(isQuorate({ ...any, quorum: Number.NaN }, [ann], false)).toBe(false);
  });
});

describe('seats of groups', () => {
  it('are not filled by many of one group', () => {
    expect(quorumStanding(seated, [ann, tom, tim], false)).toEqual({
      counted: 3,
      missing: 1,
      openSeats: [{ group: 'security', quorum: 1 }],
    });
    expect(isQuorate(seated, [ann, tom, ben], false)).toBe(true);
  });

  it('are filled by one person once, though in both groups, and by whoever leaves room for the others', () => {
    expect(isQuorate(seated, [both, ann], false)).toBe(false);
    expect(isQuorate(seated, [both, ann, tom], false)).toBe(true);
    expect(isQuorate(seated, [both, ann, ben], false)).toBe(true);
    expect(isQuorate({ ...seated, quorum: 1 }, [both, ben], false)).toBe(false);
  });

  it('do not depend on the order of the votes', () => {
    const people = [both, ann, ben, tom, chair];
    for (const order of permutations(people)) {
      for (let voted = 0; voted <= order.length; voted++) {
        const votes = order.slice(0, voted);
        for (const escalated of [false, true]) {
          const sorted = votes.toSorted((one, other) => (one.id < other.id ? -1 : 1));
          expect(quorumStanding(seated, votes, escalated)).toEqual(quorumStanding(seated, sorted, escalated));
          expect(isQuorate(seated, votes, escalated)).toBe(seatable(votes, escalated));
        }
      }
    }
  });
});

describe('an escalation', () => {
  it('lets its groups vote and fill any seat, but not before', () => {
    expect(mayVote(seated, chair, false)).toBe(false);
    expect(mayVote(seated, chair, true)).toBe(true);
    expect(isQuorate(seated, [ann, tom, chair], false)).toBe(false);
    expect(isQuorate(seated, [ann, tom, chair], true)).toBe(true);
    expect(isQuorate(seated, [chair, chair, chair], true)).toBe(false);
  });

  it('changes nothing where none is', () => {
    const { escalation: _, ...without } = seated;
    expect(mayVote(without, chair, true)).toBe(false);
  });
});

type Person = typeof ann;

function permutations(people: readonly Person[]): Person[][] {
  if (people.length === 0) return [[]];
  return people.flatMap((first) =>
    permutations(people.filter((person) => person !== first)).map((rest) => [first, ...rest]),
  );
}

/** By trying every way to seat three of them. */
function seatable(votes: readonly Person[], escalated: boolean): boolean {
  const fits = ({ groups }: Person, seat: string) => groups.includes(seat) || (escalated && groups.includes('board'));
  return permutations(votes).some((order) =>
    ['security', 'treasury', 'treasury'].every((seat, i) => {
      const person = order[i];
      return person !== undefined && fits(person, seat);
    }),
  );
}
