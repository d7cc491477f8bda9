// Owns the wallets of the record: the ones that the configuration names, and a memory of the ones it named once. Those that are made through
// the gateway stand among them while they are active.
import { parseAddress } from '../../core/base58.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Wallet } from '../../core/principal/principal.ts';
import { MANAGED_WALLET_STATES } from '../../core/wallet/managed-wallet.ts';
import type { WalletStore } from '../contract/principal-store.ts';
import type { Database, Statement } from '../sql/database.ts';
import { oneOf, type Row, text, textOrNull } from '../sql/row.ts';
import { LOCK_WALLETS } from '../wallets/taken.ts';

const KNOWN: Statement = {
  name: 'known_wallets',
  text: 'SELECT wallet_id, address FROM wallets WHERE wallet_id = ANY ($1)',
};
const MANAGED: Statement = {
  name: 'managed_among_configured',
  text: `SELECT wallet_id, address, template, state FROM managed_wallets WHERE wallet_id = ANY ($1) OR address = ANY ($2) ORDER BY wallet_id`,
};
const UPSERT: Statement = {
  name: 'upsert_wallets',
  text: `INSERT INTO wallets (wallet_id, address) SELECT * FROM unnest($1::text[], $2::text[])
    ON CONFLICT (wallet_id) DO UPDATE SET retired_at_ms = NULL`,
};
const RETIRE: Statement = {
  name: 'retire_wallets',
  text: `UPDATE wallets w SET retired_at_ms = clock_ms() WHERE w.wallet_id <> ALL ($1) AND w.retired_at_ms IS NULL
    AND NOT EXISTS (SELECT FROM managed_wallets m WHERE m.wallet_id = w.wallet_id)`,
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
        await session.query(LOCK_WALLETS, []);
        for (const row of await session.query(MANAGED, [ids, [...addresses.values()]])) refuseManaged(row, addresses);
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

function refuseManaged(row: Row, configured: ReadonlyMap<string, string>): never {
  const [id, template, address] = [text(row, 'wallet_id'), text(row, 'template'), textOrNull(row, 'address')];
  const made = `was made through the gateway from the template ${template}`;
  const ended = oneOf(row, 'state', MANAGED_WALLET_STATES) === 'DESTROYED' ? ' and is destroyed' : '';
  const [sameKey] = [...configured].find(([other, key]) => other !== id && key === address) ?? [];
  throw new GatewayError(
    'INVALID_FIELD',
    configured.has(id) || sameKey === undefined
      ? `the wallet ${id} ${made}${ended}; give the wallet of the configuration another id`
      : `the address ${address} of the wallet ${sameKey} is that of the wallet ${id}, which ${made}${ended}; take the wallet ${sameKey} out of the configuration, or give it another key`,
  );
}

function parseWallet(row: Row): Wallet {
  const address = parseAddress(text(row, 'address'));
  if (address === null) throw new GatewayError('INTERNAL', 'the database column address should hold a base58 address');
  return { id: text(row, 'wallet_id'), address };
}
