import { describe, expect, it } from 'vitest';
import type { Signer } from '../../signers/signer.ts';
import { askContext, SCRIPTED_ADDRESS, scriptedSigner } from '../../signers/testing/scripted-signer.ts';
import { createUnopenedSigner, SignerFault } from './unopened-signer.ts';

const message = Uint8Array.of(1, 2, 3);
const signal = new AbortController().signal;

function unopened(open: () => Promise<Signer>, address: string = SCRIPTED_ADDRESS) {
  const fault = new SignerFault('keystore_file', 'there is no keystore');
  return createUnopenedSigner({
    name: 'main',
    backend: 'local-keypair',
    address,
    custody: 'process',
    fault,
    open,
  });
}

it('says why it cannot sign, and which key to look at', async () => {
  const signer = unopened(() => Promise.reject(new SignerFault('passphrase_file', 'another one')));
  expect(await signer.sign(message, askContext())).toEqual({
    kind: 'unavailable',
    reason: 'keystore_file: there is no keystore',
    ambiguous: false,
  });
  expect(await signer.check(signal)).toEqual({ kind: 'failed', field: 'passphrase_file', reason: 'another one' });
  expect(await signer.sign(message, askContext())).toMatchObject({ reason: 'passphrase_file: another one' });
});

it('is the signer itself once a check could open it, and is opened once', async () => {
  let opened = 0;
  const inside = scriptedSigner('main', ['sign']);
  const signer = unopened(async () => {
    opened += 1;
    return inside;
  });
  expect(await Promise.all([signer.check(signal), signer.check(signal)])).toMatchObject([
    { kind: 'ready' },
    { kind: 'ready' },
  ]);
  expect(opened).toBe(1);
  expect((await signer.sign(message, askContext())).kind).toBe('signed');
  await signer.close();
  expect(inside.isClosed()).toBe(true);
});

it('is never another key than the one that its wallets are routed by', async () => {
  const inside = scriptedSigner('main', ['sign'], { address: 'another' });
  const signer = unopened(async () => inside);
  expect(await signer.check(signal)).toMatchObject({ kind: 'failed', reason: expect.stringContaining('another') });
  expect((await signer.sign(message, askContext())).kind).toBe('unavailable');
  expect(inside.isClosed()).toBe(true);
});

it('opens nothing after it was closed', async () => {
  const signer = unopened(() => Promise.reject(new Error('it was opened')));
  await signer.close();
  expect(await signer.check(signal)).toMatchObject({ kind: 'failed', reason: 'there is no keystore' });
});

describe('whose address nobody knows', () => {
  it('has that of its key once it could be opened and the key may be used, and not before', async () => {
    const signer = unopened(async () => scriptedSigner('main', ['sign']), '');
    const used: string[] = [];
    let refuses = true;
    signer.onKeyKnown?.(async (address) =>
      refuses
        ? { kind: 'refused', field: 'keystore_file', reason: `its key cannot be used: ${address} is taken` }
        : { kind: 'accepted', use: () => void used.push(signer.address) },
    );
    const reason = `its key cannot be used: ${SCRIPTED_ADDRESS} is taken`;
    expect(await signer.check(signal)).toEqual({ kind: 'failed', field: 'keystore_file', reason });
    expect([signer.address, used]).toEqual(['', []]);
    expect(await signer.sign(message, askContext())).toMatchObject({ reason: `keystore_file: ${reason}` });
    refuses = false;
    expect(await signer.check(signal)).toMatchObject({ kind: 'ready' });
    expect([signer.address, used]).toEqual([SCRIPTED_ADDRESS, [SCRIPTED_ADDRESS]]);
    expect(await signer.sign(message, askContext())).toMatchObject({ kind: 'signed' });
  });

  it('is used by nobody where nobody judges its key', async () => {
    const signer = unopened(async () => scriptedSigner('main', ['sign']), '');
    expect(await signer.check(signal)).toMatchObject({ reason: 'start the gateway again' });
    expect(signer.address).toBe('');
  });
});
