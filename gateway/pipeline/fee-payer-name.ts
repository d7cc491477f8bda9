// Owns what people are told of who pays the fee of a signed transaction.
import type { FeePayer } from '../../relayer/fee-payer.ts';
import type { Wallet } from '../core/principal/principal.ts';
import { parseTransaction } from '../core/transaction/parse.ts';

interface PayingRoute {
  readonly wallet: Wallet;
  readonly feePayer: Pick<FeePayer, 'name' | 'address'> | null;
}

/** `route`: of the wallet that signed; `null`: it is not served here. */
export function feePayerName(wire: Uint8Array, route: PayingRoute | null): string {
  const parsed = parseTransaction(wire);
  const address = parsed.kind === 'parsed' ? parsed.value.staticAccounts[0] : undefined;
  if (address === undefined) return 'its fee payer';
  if (address === route?.wallet.address) return `the wallet ${route.wallet.id} (${address})`;
  if (address === route?.feePayer?.address) return `the fee payer ${route.feePayer.name} (${address})`;
  return address;
}
