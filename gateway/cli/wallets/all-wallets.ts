// Owns how every wallet is asked of a gateway, page by page.
import { OperationsService, type WalletState } from '../../../proto/gen/countersign/v1/operations_pb.ts';
import type { Connection } from '../connection.ts';

/** `balances`: ask the chain what each holds, too. */
export async function allWallets(gateway: Connection, balances: boolean): Promise<readonly WalletState[]> {
  const found: WalletState[] = [];
  let pageToken = '';
  do {
    const page = await gateway.unary(OperationsService.method.listWalletStates, { balances, pageToken });
    found.push(...page.wallets);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return found;
}
