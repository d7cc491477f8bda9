import { expect, it } from 'vitest';
import type { Signer } from '../../signers/signer.ts';
import { askContext, SCRIPTED_ADDRESS, scriptedSigner } from '../../signers/testing/scripted-signer.ts';
import { createLazySigner } from './lazy-signer.ts';
import { SignerFault } from './unopened-signer.ts';

const message = Uint8Array.of(1, 2, 3);
const signal = new AbortController().signal;

function lazy(open: () => Promise<Signer>, address = SCRIPTED_ADDRESS) {
  return createLazySigner({ name: 'agents', backend: 'scripted', address, custody: 'process', open });
}

it('is opened once, by the first who need it, at once', async () => {
  let openings = 0;
  const signer = lazy(async () => {
    openings += 1;
    return scriptedSigner('inside', ['sign']);
  });
  expect(openings).toBe(0);
  const answers = await Promise.all([signer.sign(message, askContext()), signer.sign(message, askContext())]);
  expect(answers.map(({ kind }) => kind)).toEqual(['signed', 'signed']);
  expect(await signer.check(signal)).toMatchObject({ kind: 'ready' });
  expect(openings).toBe(1);
});

it('says why it cannot be opened, and is tried again by the next', async () => {
  const outcomes = [new SignerFault('passphrase_file', 'another one'), scriptedSigner('inside', ['sign'])];
  const signer = lazy(async () => {
    const outcome = outcomes.shift();
    if (outcome === undefined || outcome instanceof SignerFault) throw outcome ?? new Error('opened too often');
    return outcome;
  });
  const reason = 'passphrase_file: another one';
  expect(await signer.sign(message, askContext())).toEqual({ kind: 'unavailable', reason, ambiguous: false });
  expect(await signer.sign(message, askContext())).toMatchObject({ kind: 'signed' });
});

it('never signs with another key than that of the record', async () => {
  const inside = scriptedSigner('inside', ['sign']);
  const signer = lazy(async () => inside, '11111111111111111111111111111111');
  expect(await signer.sign(message, askContext())).toMatchObject({ kind: 'unavailable', ambiguous: false });
  expect(await signer.check(signal)).toMatchObject({
    kind: 'failed',
    reason: expect.stringContaining('the record has'),
  });
  expect([inside.asked, inside.isClosed()]).toEqual([[], true]);
});

it('lets a caller go that does not want to wait, and closes what was opened', async () => {
  const inside = scriptedSigner('inside', ['sign']);
  const { promise, resolve } = Promise.withResolvers<Signer>();
  const signer = lazy(() => promise);
  const leaving = new AbortController();
  const answer = signer.sign(message, askContext({ signal: leaving.signal }));
  leaving.abort();
  expect(await answer).toMatchObject({ kind: 'unavailable', ambiguous: false });
  resolve(inside);
  await signer.close();
  expect(inside.isClosed()).toBe(true);
  expect(await signer.sign(message, askContext())).toMatchObject({ reason: 'the signer is closed' });
});
