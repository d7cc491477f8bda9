// Owns what operators have frozen, as this process knows it. Whoever signs under an older version is refused by the database.
import type { Controls } from '../core/controls/freeze.ts';
import type { Database, Statement } from './sql/database.ts';
import { bigint } from './sql/row.ts';

export interface ControlStore {
  /** As of the last look. */
  current(): Controls;
  /** Looks now. */
  refresh(): Promise<Controls>;
}

const READ: Statement = { name: 'read_controls', text: 'SELECT version FROM controls' };

/** Throws STORE_UNAVAILABLE while Postgres is away. */
export async function openControlStore(database: Database): Promise<ControlStore> {
  let controls = await read(database);
  return {
    current: () => controls,
    refresh: async () => {
      controls = await read(database);
      return controls;
    },
  };
}

async function read(database: Database): Promise<Controls> {
  const [row] = await database.query(READ, []);
  if (row === undefined) throw new Error('the table of controls is empty');
  return { version: bigint(row, 'version'), freezes: [] };
}
