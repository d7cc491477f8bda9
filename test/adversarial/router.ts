// Owns a program that an IDL describes, with arguments larger than any number of JavaScript.
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';

export const ROUTER = keyAddress(251);

export const ROUTER_IDL = {
  address: ROUTER,
  metadata: { name: 'router', version: '1.0.0', spec: '0.1.0' },
  instructions: [
    {
      name: 'swap',
      discriminator: [9],
      accounts: [],
      args: [
        { name: 'amount_in', type: 'u128' },
        { name: 'least_out', type: 'u256' },
        { name: 'change', type: 'i128' },
        { name: 'share', type: 'f64' },
        { name: 'words', type: 'string' },
      ],
    },
  ],
};

/** All ones but the share, and the words. */
export function swapData(): Uint8Array {
  const data = Buffer.alloc(1 + 16 + 32 + 16 + 8 + 4 + 1, 0xff);
  data[0] = 9;
  data.writeDoubleLE(1e21, 65);
  data.writeUInt32LE(1, 73);
  data.write('5', 77);
  return new Uint8Array(data);
}
