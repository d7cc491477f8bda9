// Owns who may call: agents on the data plane, operators on the control plane.
import type { Address } from '../address.ts';

export type OperatorRole = 'admin' | 'approver' | 'auditor' | 'policy';

export interface Agent {
  readonly kind: 'agent';
  /** 1 to 64 of a-z, 0-9, dash. */
  readonly id: string;
  /** Ids of the wallets that it may use. */
  readonly wallets: readonly string[];
}

export interface Operator {
  readonly kind: 'operator';
  readonly id: string;
  readonly roles: readonly OperatorRole[];
  readonly groups: readonly string[];
}

export type Principal = Agent | Operator;

export interface Wallet {
  /** Name from the configuration, 1 to 64 of a-z, 0-9, dash. */
  readonly id: string;
  readonly address: Address;
}
