import type { Address } from '@solana/kit';
import { expect, it } from 'vitest';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';
import { scriptedChain, scriptedRelayer } from '../../gateway/pipeline/testing/scripted-chain.ts';
import { createSponsorRelayer, type SponsorKey } from './sponsor-relayer.ts';

it('has the address of its key from when that is known', () => {
  let address: Address | null = null;
  const key: SponsorKey = {
    get address() {
      return address;
    },
    custody: 'process',
    sign: () => Promise.reject(new Error('nobody asks it')),
    check: async () => ({ kind: 'ready', detail: 'a key' }),
  };
  const parts = { sender: scriptedRelayer(), chain: scriptedChain(), paymentFault: async () => null };
  const { feePayer } = createSponsorRelayer({ name: 'gas-station', key, ...parts });
  expect(feePayer.address).toBeNull();
  address = keyAddress(1);
  expect(feePayer.address).toBe(address);
});
