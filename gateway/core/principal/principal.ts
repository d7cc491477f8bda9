// Owns who may call: agents on the data plane, operators on the control plane.
import type { Address } from '../address.ts';
import type { Session } from './session.ts';

export type OperatorRole = 'admin' | 'approver' | 'auditor' | 'policy';

export interface Agent {
  readonly kind: 'agent';
  /** 1 to 64 of a-z, 0-9, dash. */
  readonly id: string;
  /** Ids of the wallets that it may use. */
  readonly wallets: readonly string[];
  /** With which key it calls; absent where no call is under way. */
  readonly credential?: Credential;
}

export interface Credential {
  readonly keyId: string;
  /** `null`: an API key, which may do all that the agent may. */
  readonly session: Session | null;
}

/** What an operator votes by. */
export type Right = `role:${OperatorRole}` | `group:${string}`;

export interface Operator {
  readonly kind: 'operator';
  readonly id: string;
  readonly roles: readonly OperatorRole[];
  readonly groups: readonly string[];
  /** Of the API key that it calls with; absent where no call is under way. */
  readonly keyId?: string;
  /** Unix milliseconds since when there are both the operator and the key that it calls with; absent where no call is under way. */
  readonly since?: number;
  /** Since when it has what it gained later than it was made. Unix milliseconds; absent where no call is under way. */
  readonly gained?: Readonly<Partial<Record<Right, number>>>;
  /** Of its roles and groups; absent where no call is under way. */
  readonly revision?: bigint;
}

export type Principal = Agent | Operator;

export interface Wallet {
  /** Name from the configuration, 1 to 64 of a-z, 0-9, dash. */
  readonly id: string;
  readonly address: Address;
}
