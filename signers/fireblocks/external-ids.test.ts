import { describe, expect, it } from 'vitest';
import { createExternalIds } from './external-ids.ts';

const MESSAGE = Buffer.from('a message');

describe('an external id', () => {
  it('is the same for the same call, whoever makes it, and another one for everything else', () => {
    const of = (scope: readonly string[], key: string, message: Uint8Array) =>
      createExternalIds(scope).of(key, message);
    const id = of(['7', 'SOL'], 'one', MESSAGE);
    expect(id).toMatch(/^countersign-[0-9a-f]{64}$/);
    expect(of(['7', 'SOL'], 'one', MESSAGE)).toBe(id);
    const others = [
      of(['8', 'SOL'], 'one', MESSAGE),
      of(['7', 'SOL_TEST'], 'one', MESSAGE),
      of(['7', 'SOL'], 'two', MESSAGE),
      of(['7', 'SOL'], 'one', Buffer.from('another')),
    ];
    expect(new Set([id, ...others]).size).toBe(5);
  });

  it('is renewed for one call alone', () => {
    const ids = createExternalIds(['7']);
    const before = [ids.of('one', MESSAGE), ids.of('two', MESSAGE)];
    ids.renew('one');
    const once = ids.of('one', MESSAGE);
    ids.renew('one');
    expect(new Set([...before, once, ids.of('one', MESSAGE)]).size).toBe(4);
    expect(ids.of('two', MESSAGE)).toBe(before[1]);
  });

  it('is renewed for ten thousand calls at most', () => {
    const ids = createExternalIds(['7']);
    const [first, last] = [ids.of('0', MESSAGE), ids.of('10000', MESSAGE)];
    for (let call = 0; call <= 10_000; call++) ids.renew(String(call));
    expect(ids.of('0', MESSAGE)).toBe(first);
    expect(ids.of('10000', MESSAGE)).not.toBe(last);
  });
});
