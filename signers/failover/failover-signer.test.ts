import { randomBytes } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import type { Signer, SignResult } from '../signer.ts';
import {
  askContext,
  SCRIPTED_ADDRESS,
  type ScriptedAnswer,
  type ScriptedSigner,
  scriptedSigner,
  unavailable,
} from '../testing/scripted-signer.ts';
import { verifySignature } from '../verify.ts';
import { failoverSigner } from './failover-signer.ts';

const message = randomBytes(60);
const away = unavailable(false);
const refused: SignResult = { kind: 'refused', reason: 'never' };
const full: SignResult = { kind: 'overloaded', reason: 'full' };

function chain(first: ScriptedAnswer, second: ScriptedAnswer = 'sign') {
  const signers: readonly [ScriptedSigner, ScriptedSigner] = [
    scriptedSigner('first', [first]),
    scriptedSigner('second', [second]),
  ];
  const sign = (context = askContext()) => failoverSigner(signers).sign(message, context);
  return { first: signers[0], second: signers[1], sign };
}

describe('failoverSigner', () => {
  it('asks the first one, and no other where that signs', async () => {
    const { second, sign } = chain('sign');
    const result = await sign();
    expect(result).toMatchObject({ kind: 'signed', madeBy: { name: 'first' } });
    expect(second.asked).toEqual([]);
  });

  it.each([away, unavailable(true), full])(
    'asks the next one where one answers %o, and says who signed',
    async (how) => {
      const { first, second, sign } = chain(how);
      const result = await sign();
      expect(result).toMatchObject({ kind: 'signed', madeBy: { name: 'second', backend: 'scripted' } });
      if (result.kind !== 'signed') return;
      expect(
        await verifySignature({ address: SCRIPTED_ADDRESS, messageBytes: message, signature: result.signature }),
      ).toBe(true);
      expect([first.asked, second.asked]).toEqual([['key'], ['key']]);
    },
  );

  it('asks nobody else where one refuses', async () => {
    const { second, sign } = chain(refused);
    expect(await sign()).toEqual(refused);
    expect(second.asked).toEqual([]);
  });

  it('stays ambiguous whatever the others answer, and says what each said', async () => {
    expect(await chain(unavailable(true), away).sign()).toMatchObject({
      kind: 'unavailable',
      ambiguous: true,
      reason: 'first: it is away; second: it is away',
    });
    expect(await chain(unavailable(true), refused).sign()).toMatchObject({ kind: 'unavailable', ambiguous: true });
    expect(await chain(unavailable(true), full).sign()).toMatchObject({ kind: 'unavailable', ambiguous: true });
    expect(await chain(away, unavailable(true)).sign()).toMatchObject({ kind: 'unavailable', ambiguous: true });
  });

  it('is not ambiguous where no signer was', async () => {
    expect(await chain(away, full).sign()).toMatchObject({ kind: 'unavailable', ambiguous: false });
    expect(await chain(away, refused).sign()).toEqual(refused);
    expect(await chain(full, full).sign()).toMatchObject({ kind: 'overloaded' });
  });

  it('leaves the others a share of the time where one hangs', async () => {
    const hangs: ScriptedAnswer = ({ signal }) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(unavailable(true))));
    const { sign } = chain(hangs);
    expect(await sign(askContext({ deadline: Date.now() + 200 }))).toMatchObject({ kind: 'signed' });
  });

  it('asks nobody else once the caller has left', async () => {
    const controller = new AbortController();
    const left: ScriptedAnswer = async () => {
      controller.abort();
      return unavailable(true);
    };
    const { second, sign } = chain(left);
    expect(await sign(askContext({ signal: controller.signal }))).toMatchObject({
      kind: 'unavailable',
      ambiguous: true,
    });
    expect(second.asked).toEqual([]);
  });

  it('passes on that the caller has left', async () => {
    const controller = new AbortController();
    const seen = vi.fn();
    const hangs: ScriptedAnswer = ({ signal }) =>
      new Promise((resolve) =>
        signal.addEventListener('abort', () => {
          seen();
          resolve(unavailable(true));
        }),
      );
    const { first, sign } = chain(hangs);
    const call = sign(askContext({ signal: controller.signal }));
    await vi.waitFor(() => expect(first.asked).toHaveLength(1));
    controller.abort();
    await call;
    expect(seen).toHaveBeenCalledOnce();
  });

  it('is made of signers of one address only', () => {
    const signers: readonly [Signer, Signer] = [
      scriptedSigner('first', ['sign']),
      scriptedSigner('second', ['sign'], { address: '11111111111111111111111111111111' }),
    ];
    expect(() => failoverSigner(signers)).toThrow('second holds the key of 11111111111111111111111111111111');
  });

  it('holds a key in this process only where all of them do', () => {
    const here = scriptedSigner('here', ['sign'], { custody: 'process' });
    const there = scriptedSigner('there', ['sign'], { repeatable: false });
    expect(failoverSigner([here, there])).toMatchObject({ custody: 'remote', repeatable: false, name: 'here' });
    expect(failoverSigner([here, here])).toMatchObject({ custody: 'process', repeatable: true });
  });

  it('is ready where one of them is, and closes all', async () => {
    const { first, second } = chain('sign');
    const failing: Signer = { ...first, check: async () => ({ kind: 'failed', field: 'token_file', reason: 'no' }) };
    const check = (signers: readonly [Signer, Signer]) => failoverSigner(signers).check(AbortSignal.timeout(1_000));
    expect(await check([failing, second])).toMatchObject({ kind: 'ready' });
    expect(await check([failing, failing])).toMatchObject({ kind: 'failed', field: 'token_file' });
    await failoverSigner([first, second]).close();
    expect([first.isClosed(), second.isClosed()]).toEqual([true, true]);
  });
});
