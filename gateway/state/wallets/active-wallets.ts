// Owns which managed wallets are active, as this process knows it: read once, and from then on only what changed.
import type { ManagedWallet } from '../../core/wallet/managed-wallet.ts';
import type { ChangeSignals } from '../signals/change-signals.ts';
import type { Database, Statement } from '../sql/database.ts';
import { bigint } from '../sql/row.ts';
import { MANAGED_WALLET_COLUMNS, parseManagedWallet } from './managed-wallet-row.ts';

export interface ActiveWallets {
  /** By id, as of the last look. */
  current(): ReadonlyMap<string, ManagedWallet>;
  refresh(): Promise<void>;
  /** Calls back after a look that found others than before. Returns how to stop that. */
  onChange(callback: () => void): () => void;
}

/** Who changes a wallet for all gateways makes the version of the controls grow with it, and notes that version. */
const CHANGED: Statement = {
  name: 'changed_managed_wallets',
  text: `SELECT c.version, ${MANAGED_WALLET_COLUMNS} FROM controls c LEFT JOIN managed_wallets m ON m.changed_version > $1`,
};

interface Changes {
  readonly version: bigint;
  readonly wallets: readonly ManagedWallet[];
}

/** Throws STORE_UNAVAILABLE while Postgres is away. */
export async function openActiveWallets(
  database: Database,
  signals: ChangeSignals,
  log: (line: string) => void,
): Promise<ActiveWallets> {
  let version = 0n;
  let active: ReadonlyMap<string, ManagedWallet> = new Map();
  const callbacks = new Set<() => void>();

  async function refresh(): Promise<void> {
    const since = version;
    const changes = await changedSince(database, since);
    // A database that was put back to an earlier time: nothing that is known holds.
    if (changes.version < since) return apply(await changedSince(database, 0n), new Map());
    // Two looks may end in another order than they began.
    if (changes.version > version) apply(changes, active);
  }

  function apply(changes: Changes, before: ReadonlyMap<string, ManagedWallet>): void {
    const next = new Map(before);
    for (const wallet of changes.wallets) {
      if (wallet.state === 'ACTIVE') next.set(wallet.walletId, wallet);
      else next.delete(wallet.walletId);
    }
    const isChanged = changes.wallets.length > 0 || before !== active;
    version = changes.version;
    active = next;
    if (isChanged) callAll();
  }

  function callAll(): void {
    for (const callback of [...callbacks]) {
      try {
        callback();
      } catch (error) {
        log(`a listener for managed wallets failed: ${error instanceof Error ? error.message : 'unknown'}`);
      }
    }
  }

  await refresh();
  // What fails is tried again at the next look: the version that is known is still another one.
  signals.onControls((seen) => {
    if (seen !== version) void refresh().catch(() => undefined);
  });
  return {
    current: () => active,
    refresh,
    onChange(callback) {
      const own = () => callback();
      callbacks.add(own);
      return () => callbacks.delete(own);
    },
  };
}

async function changedSince(database: Database, version: bigint): Promise<Changes> {
  const rows = await database.query(CHANGED, [version]);
  const [first] = rows;
  if (first === undefined) throw new Error('the table of controls is empty');
  const wallets = rows.filter((row) => row.wallet_id !== null).map(parseManagedWallet);
  return { version: bigint(first, 'version'), wallets };
}
