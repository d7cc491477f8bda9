import { expect, it } from 'vitest';
import type { Signer } from '../../../signers/signer.ts';
import { askContext, SCRIPTED_ADDRESS, scriptedSigner, unavailable } from '../../../signers/testing/scripted-signer.ts';
import { SignerFault } from '../unopened-signer.ts';
import { composeTemplate } from './composed-template.ts';
import { reopeningTemplate } from './reopening-template.ts';

const terms = { name: 'agents', relayers: ['node'], maxWallets: 10, allowExport: false, allowImport: false };
const key = { address: SCRIPTED_ADDRESS, reference: { key: 'one' } };
const message = Uint8Array.of(1, 2, 3);

function composed(openSigner: () => Promise<Signer>) {
  const fault = new SignerFault(null, 'it makes no keys');
  const never = () => Promise.reject(fault);
  const { creator } = reopeningTemplate({ backend: 'scripted', fault, open: never, elapsedMs: () => 0 }).opened;
  const guard = { timeoutMs: 1_000, maxInFlight: 4, maxWaiting: 4 };
  const opened = { creator, openSigner, guard };
  return composeTemplate({
    terms,
    opened,
    fault: () => null,
    tryAgain: async () => undefined,
    signerTimeoutMs: 1_000,
    breakerMoved: () => undefined,
  });
}

it('ends the rest of its service when it is closed, which would keep the process up', async () => {
  const throttled = { ...unavailable(false), cause: 'throttled', retryAfterMs: 60_000 } as const;
  const template = composed(async () => scriptedSigner('agents', [throttled, 'sign']));
  const signer = template.signerOf(key, null);
  await signer.sign(message, askContext());
  expect(await signer.sign(message, askContext())).toMatchObject({ kind: 'overloaded' });
  await template.close();
  await expect.poll(async () => (await signer.sign(message, askContext())).kind).toBe('signed');
  await signer.close();
});

it('says that it is of another type now, where that is why a key of the record cannot be used', async () => {
  const template = composed(() =>
    Promise.reject(new SignerFault(null, 'what the record has of the key is no keystore')),
  );
  const reasonOf = async (madeBy: string | null) => {
    const check = await template.signerOf(key, madeBy).check(AbortSignal.timeout(5_000));
    return check.kind === 'failed' ? check.reason : check.kind;
  };
  expect(await reasonOf('vault-transit')).toBe(
    'its key was made by vault-transit, and the template agents is of the type scripted now: give each its own name',
  );
  for (const madeBy of ['scripted', null]) expect(await reasonOf(madeBy)).toContain('is no keystore');
});
