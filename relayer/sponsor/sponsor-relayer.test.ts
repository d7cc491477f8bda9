import type { Address } from '@solana/kit';
import { expect, it } from 'vitest';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';
import { scriptedChain, scriptedRelayer } from '../../gateway/pipeline/testing/scripted-chain.ts';
import { createSponsorRelayer } from './sponsor-relayer.ts';

function feePayerAt(address: Address | null) {
  const { feePayer } = createSponsorRelayer({
    name: 'gas-station',
    key: {
      address,
      custody: 'process',
      sign: () => Promise.reject(new Error('nobody asks it')),
      check: async () => ({ kind: 'ready', detail: 'a key' }),
    },
    sender: scriptedRelayer(),
    chain: scriptedChain(),
    paymentFault: async () => null,
  });
  return feePayer;
}

it('without an address gets one by a restart only', () => {
  expect(feePayerAt(null)).toMatchObject({ address: null, addressNeeds: 'restart' });
  expect(feePayerAt(keyAddress(1))).toMatchObject({ address: keyAddress(1) });
});
