// Owns what the tour is played on: two callers of a running gateway, a wallet, a token, and a view of the chain.
import type { Address } from '@solana/kit';
import type { Connection } from '../gateway/cli/connection.ts';

export interface Stage {
  /** The data plane, as the agent. */
  readonly agent: Connection;
  /** The control plane, as an operator that is somebody else. */
  readonly operator: Connection;
  readonly wallet: { readonly id: string; readonly address: Address };
  /** On the policy's list of recipients. */
  readonly recipient: Address;
  /** On no list. */
  readonly stranger: Address;
  /** Named by no rule. */
  readonly unnamedProgram: Address;
  readonly token: { readonly address: Address; readonly decimals: number; readonly symbol: string };
  readonly balances: (owner: Address) => Promise<Balances>;
  readonly print: (line: string) => void;
}

export interface Balances {
  readonly lamports: bigint;
  /** Base units of the stage's token. */
  readonly tokens: bigint;
}
