import { describe, expect, it } from 'vitest';
import { createTurns, type Turns } from './turns.ts';

function turnsOf(...calls: readonly string[]): Turns<string> {
  const turns = createTurns<string>();
  for (const call of calls) turns.add(call.slice(0, 1), call);
  return turns;
}

function allOf(turns: Turns<string>): readonly string[] {
  const all: string[] = [];
  for (let call = turns.next(); call !== undefined; call = turns.next()) all.push(call);
  return all;
}

describe('turns', () => {
  it('go round the callers, each in the order of its asking', () => {
    const turns = turnsOf('a1', 'a2', 'a3', 'b1', 'c1', 'c2');
    expect(turns.size()).toBe(6);
    expect(allOf(turns)).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
    expect(turns.size()).toBe(0);
  });

  it('pass over who left, and do not come back to a caller without calls', () => {
    const turns = turnsOf('a1', 'a2', 'b1');
    turns.remove('a', 'a1');
    turns.remove('a', 'a1');
    turns.remove('b', 'b1');
    turns.remove('nobody', 'x');
    expect(turns.size()).toBe(1);
    expect(allOf(turns)).toEqual(['a2']);
  });

  it('give up the latest call of who has most for one that has less, and nothing for one that would have as many', () => {
    const turns = turnsOf('a1', 'b1', 'b2', 'b3');
    expect(turns.displace('b')).toBeUndefined();
    expect(turns.displace('c')).toBe('b3');
    expect(turns.displace('a')).toBeUndefined();
    expect(turns.displace('c')).toBe('b2');
    expect(turns.displace('c')).toBeUndefined();
    expect(allOf(turns)).toEqual(['a1', 'b1']);
  });
});
