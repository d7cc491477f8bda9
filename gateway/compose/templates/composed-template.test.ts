import { expect, it } from 'vitest';
import type { Signer } from '../../../signers/signer.ts';
import { askContext, SCRIPTED_ADDRESS, scriptedSigner, unavailable } from '../../../signers/testing/scripted-signer.ts';
import { SignerFault } from '../unopened-signer.ts';
import { composeTemplate } from './composed-template.ts';
import { unopenedTemplate } from './unopened-template.ts';

const terms = { name: 'agents', relayers: ['node'], maxWallets: 10, allowExport: false, allowImport: false };
const soon = () => AbortSignal.timeout(5_000);
const key = { address: SCRIPTED_ADDRESS, reference: { key: 'one' } };
const message = Uint8Array.of(1, 2, 3);

function composed(openSigner: () => Promise<Signer>) {
  const { creator } = unopenedTemplate('scripted', new SignerFault(null, 'it makes no keys'));
  const guard = { timeoutMs: 1_000, maxInFlight: 4, maxWaiting: 4 };
  const opened = { creator, openSigner, guard };
  return composeTemplate({ terms, opened, fault: null, signerTimeoutMs: 1_000, breakerMoved: () => undefined });
}

it('ends the rest of its service when it is closed, which would keep the process up', async () => {
  const throttled = { ...unavailable(false), cause: 'throttled', retryAfterMs: 60_000 } as const;
  const template = composed(async () => scriptedSigner('agents', [throttled, 'sign']));
  const signer = template.signerOf(key);
  await signer.sign(message, askContext());
  expect(await signer.sign(message, askContext())).toMatchObject({ kind: 'overloaded' });
  await template.close();
  await expect.poll(async () => (await signer.sign(message, askContext())).kind).toBe('signed');
  await signer.close();
});

it('that could not be opened destroys no key now, and says why', async () => {
  const { creator } = unopenedTemplate('vault-transit', new SignerFault('creator.token_file', 'there is no such file'));
  const result = await creator.destroy?.(key, soon());
  expect(result).toEqual({ kind: 'unavailable', reason: 'creator.token_file: there is no such file' });
});
