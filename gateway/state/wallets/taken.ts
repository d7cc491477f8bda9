// Owns what is taken for ever: ids and keys of wallets, whether of the configuration or made through the gateway.
import type { Session, Statement } from '../sql/database.ts';
import { text } from '../sql/row.ts';

/**
 * Whoever adds a wallet of either kind takes it before the first look: then nobody else adds one until the transaction ends. Comes behind
 * LOCK_CONTROLS where that is taken too.
 */
export const LOCK_WALLETS: Statement = {
  name: 'lock_wallets',
  text: 'LOCK TABLE wallets IN SHARE ROW EXCLUSIVE MODE',
};

const CONFIGURED: Statement = {
  name: 'find_configured_wallet',
  text: `SELECT w.wallet_id FROM wallets w
    WHERE w.wallet_id = $1 AND NOT EXISTS (SELECT FROM managed_wallets m WHERE m.wallet_id = w.wallet_id)`,
};
const KEY_HOLDER: Statement = {
  name: 'find_key_holder',
  text: `SELECT w.wallet_id FROM wallets w WHERE w.address = $1 AND w.wallet_id <> $2
    UNION ALL SELECT m.wallet_id FROM managed_wallets m WHERE m.address = $1 AND m.wallet_id <> $2 LIMIT 1`,
};

/** Why the id cannot be that of a managed wallet, in one sentence for the operator; `null`: it can, as far as the configuration goes. */
export async function refuseConfigured(session: Session, walletId: string): Promise<string | null> {
  const [row] = await session.query(CONFIGURED, [walletId]);
  return row === undefined
    ? null
    : `the wallet ${walletId} is, or was, one of the configuration, and an id is of one wallet for ever; choose another`;
}

/** Why the key cannot be that of this wallet, in one sentence for the operator; `null`: no other wallet has it, or had it. */
export async function refuseTakenKey(session: Session, walletId: string, address: string): Promise<string | null> {
  const [row] = await session.query(KEY_HOLDER, [address, walletId]);
  return row === undefined
    ? null
    : `the key ${address} is, or was, that of the wallet ${text(row, 'wallet_id')}, and a key is of one wallet for ever; take another key`;
}
