// Owns the contract of the durable record, in one Postgres: the stores that it is made of.
// Every write that a request causes commits together with its audit record, or not at all.
import type { Operator } from '../../core/principal/principal.ts';
import type { ApprovalStore, ApproverKeyStore } from './approval-store.ts';
import type { AuditStore, RetentionStore } from './audit-store.ts';
import type { BudgetStore } from './budget-store.ts';
import type { ControlStore } from './control-store.ts';
import type { ManagedWalletStore } from './managed-wallet-store.ts';
import type { PolicyStore } from './policy-store.ts';
import type { PrincipalStore, WalletStore } from './principal-store.ts';
import type { RequestStore } from './request-store.ts';

import type { ReservationStore } from './reservation-store.ts';
import type { SessionKeyStore } from './session-key-store.ts';
import type { StatusStore } from './status-store.ts';
import type { WalletCheckStore } from './wallet-check-store.ts';

/** Where it is laid down who may call, and whose votes count. */
export type RightsStores = Pick<State, 'principals' | 'approverKeys' | 'sessionKeys'>;

/** Every method throws GatewayError STORE_UNAVAILABLE while Postgres is away, and works again when it is back. */
export interface State {
  readonly requests: RequestStore;
  readonly approvals: ApprovalStore;
  readonly approverKeys: ApproverKeyStore;
  readonly principals: PrincipalStore;
  readonly sessionKeys: SessionKeyStore;
  readonly wallets: WalletStore;
  readonly managedWallets: ManagedWalletStore;
  readonly walletChecks: WalletCheckStore;
  readonly status: StatusStore;
  readonly budgets: BudgetStore;
  readonly reservations: ReservationStore;
  readonly controls: ControlStore;
  readonly policy: PolicyStore;
  readonly audit: AuditStore;
  readonly retention: RetentionStore;
  /**
   * For all that an admin changes there. Each change throws, and leaves everything as it was, unless `by` is an admin still, and its key is
   * valid, when the change commits: ROLE_MISSING, CREDENTIALS_INVALID.
   */
  asAdmin(by: Operator): RightsStores;
  /** As `asAdmin`, for what an operator with the role policy chooses. */
  asPolicyOperator(by: Operator): Pick<PolicyStore, 'select'>;
  /** One cheap round trip, for readiness. */
  ping(): Promise<void>;
  /** Unix milliseconds by the database's clock. */
  time(): Promise<number>;
  /** Flushes what is queued, then closes. */
  close(): Promise<void>;
}
