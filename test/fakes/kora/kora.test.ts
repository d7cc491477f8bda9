// Owns the proof that the fake Kora replies as the real one did: `make test-kora` holds the recorded exchanges against a real one.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CASES, type Exchange } from '../../kora/exchanges.ts';
import { replyOfFake } from '../../kora/replay.ts';

const RECORDED: readonly Exchange[] = JSON.parse(readFileSync(join(import.meta.dirname, 'exchanges.json'), 'utf8'));

describe('the fake Kora', () => {
  it('is held to an exchange of each kind', () => {
    expect(RECORDED.map(({ name }) => name)).toEqual(CASES.map(({ name }) => name));
  });

  it.each(RECORDED)('replies as the real one did: $name', async (exchange) => {
    expect(await replyOfFake(exchange)).toEqual(exchange.reply);
  });
});
