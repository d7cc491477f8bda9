import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import type { SignResult } from '../signer.ts';
import { askContext, type ScriptedAnswer, scriptedSigner, unavailable } from '../testing/scripted-signer.ts';
import { guardSignerIn } from './guard-signer.ts';
import { createServiceRoom } from './service-room.ts';

const message = randomBytes(80);

function twoKeys(answers: readonly [readonly ScriptedAnswer[], readonly ScriptedAnswer[]]) {
  // Nobody waits in these tests: time stands still.
  const clock = { elapsedMs: () => 0, pause: () => Promise.withResolvers<void>().promise };
  const room = createServiceRoom({ maxInFlight: 1, maxWaiting: 0 }, clock);
  const [first, second] = answers.map((script, n) => {
    const signer = guardSignerIn(room, scriptedSigner(`key ${n}`, script, { repeatable: false }), {
      timeoutMs: 5_000,
      clock,
    });
    return { signer, sign: () => signer.sign(message, askContext()) };
  });
  if (first === undefined || second === undefined) throw new Error('there are two keys');
  return { first, second };
}

it('counts the calls of all keys of a service together', async () => {
  const { promise, resolve } = Promise.withResolvers<SignResult>();
  const { first, second } = twoKeys([[() => promise], ['sign']]);
  const underWay = first.sign();
  expect(await second.sign()).toMatchObject({ kind: 'overloaded' });
  resolve({ kind: 'refused', reason: 'no' });
  expect(await underWay).toMatchObject({ kind: 'refused' });
  expect(await second.sign()).toMatchObject({ kind: 'signed' });
});

it('rests for all keys where the service has too much to do for one', async () => {
  const throttled: SignResult = { ...unavailable(false, 'too many'), cause: 'throttled', retryAfterMs: 30_000 };
  const { first, second } = twoKeys([[throttled], ['sign']]);
  expect(await first.sign()).toMatchObject({ cause: 'throttled' });
  expect(await second.sign()).toMatchObject({ kind: 'overloaded', reason: expect.stringContaining('30 s more') });
});

it('leaves a key that keeps failing alone, and asks for the others as before', async () => {
  const { first, second } = twoKeys([[unavailable(true)], ['sign']]);
  for (let n = 0; n < 5; n += 1) await first.sign();
  expect(first.signer.guardState().breaker).toBe('open');
  expect(second.signer.guardState().breaker).toBe('closed');
  expect(await second.sign()).toMatchObject({ kind: 'signed' });
});
