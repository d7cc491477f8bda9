// Owns the wallets of the record: the ones that the configuration names, and a memory of the ones it named once.
import { parseAddress } from '../../core/base58.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Wallet } from '../../core/principal/principal.ts';
import type { WalletStore } from '../contract/principal-store.ts';
import type { Database, Statement } from '../sql/database.ts';
import { type Row, text } from '../sql/row.ts';

const LOCK: Statement = { name: 'lock_wallets', text: 'LOCK TABLE wallets IN SHARE ROW EXCLUSIVE MODE' };
const KNOWN: Statement = {
  name: 'known_wallets',
  text: 'SELECT wallet_id, address FROM wallets WHERE wallet_id = ANY ($1)',
};
const UPSERT: Statement = {
  name: 'upsert_wallets',
  text: `INSERT INTO wallets (wallet_id, address) SELECT * FROM unnest($1::text[], $2::text[])
    ON CONFLICT (wallet_id) DO UPDATE SET retired_at_ms = NULL`,
};
const RETIRE: Statement = {
  name: 'retire_wallets',
  text: 'UPDATE wallets SET retired_at_ms = clock_ms() WHERE wallet_id <> ALL ($1) AND retired_at_ms IS NULL',
};
const LIST: Statement = {
  name: 'list_wallets',
  text: 'SELECT wallet_id, address FROM wallets WHERE retired_at_ms IS NULL ORDER BY wallet_id',
};

export function createWalletStore(database: Database): WalletStore {
  return {
    async sync(wallets) {
      const addresses = new Map<string, string>();
      for (const { id, address } of wallets) {
        if ((addresses.get(id) ?? address) !== address) throw otherAddress(id, addresses.get(id) ?? '', address);
        addresses.set(id, address);
      }
      const ids = [...addresses.keys()];
      await database.transaction(async (session) => {
        await session.query(LOCK, []);
        for (const row of await session.query(KNOWN, [ids])) refuseOtherAddress(row, addresses);
        await session.query(UPSERT, [ids, [...addresses.values()]]);
        await session.query(RETIRE, [ids]);
      });
    },
    async list() {
      return (await database.query(LIST, [])).map(parseWallet);
    },
  };
}

function refuseOtherAddress(row: Row, addresses: ReadonlyMap<string, string>): void {
  const id = text(row, 'wallet_id');
  const wanted = addresses.get(id);
  if (wanted !== undefined && wanted !== text(row, 'address')) throw otherAddress(id, text(row, 'address'), wanted);
}

function otherAddress(id: string, known: string, wanted: string): GatewayError {
  return new GatewayError(
    'INVALID_FIELD',
    `the wallet ${id} is known with the address ${known} and cannot become ${wanted}; give the new address another wallet id`,
  );
}

function parseWallet(row: Row): Wallet {
  const address = parseAddress(text(row, 'address'));
  if (address === null) throw new GatewayError('INTERNAL', 'the database column address should hold a base58 address');
  return { id: text(row, 'wallet_id'), address };
}
