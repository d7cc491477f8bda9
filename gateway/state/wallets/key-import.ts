// Owns which import the key of a managed wallet comes from.
import type { Session, Statement } from '../sql/database.ts';
import { text } from '../sql/row.ts';

export interface KeyImport {
  readonly proposalId: string;
  /** Of the key that was voted for. */
  readonly address: string;
}

const FIND: Statement = {
  name: 'find_key_import',
  text: `SELECT p.proposal_id, p.terms ->> 'address' AS address
    FROM managed_wallets m JOIN wallet_proposals p ON p.proposal_id = m.proposal_id WHERE m.wallet_id = $1`,
};

/** `null`: its backend makes the key, or there is no such wallet. */
export async function findKeyImport(session: Session, walletId: string): Promise<KeyImport | null> {
  const [row] = await session.query(FIND, [walletId]);
  return row === undefined ? null : { proposalId: text(row, 'proposal_id'), address: text(row, 'address') };
}

export function otherImport(walletId: string, { address }: KeyImport): string {
  return `the import of the key ${address} is under way for the wallet ${walletId}; import that one, or choose another id`;
}
