// Owns what those who look after the gateway may ask of it. Changes nothing.
import { GatewayError } from '../../core/errors.ts';
import type { RequestPage } from '../../state/contract/request-list.ts';
import type { RequestRecord } from '../../state/contract/request-store.ts';
import type { State } from '../../state/contract/state.ts';
import { follow } from '../wait.ts';
import {
  type BackendCheck,
  type BackendCheckDeps,
  checkRelayers,
  checkSigners,
  type SignerChecks,
  type SignersAsk,
} from './backend-checks.ts';
import { type GatewayStatus, readStatus, type StatusDeps } from './status.ts';
import { type WalletState, type WalletStateDeps, walletStates } from './wallet-states.ts';

export interface Operations {
  /** The newest first. */
  listRequests(page: RequestPage): Promise<readonly RequestRecord[]>;
  /** Throws REQUEST_NOT_FOUND. */
  getRequest(requestId: string): Promise<RequestRecord>;
  /** Yields the current record and each later state; ends after a final one (where nothing is to be sent: after SIGNED). */
  watchRequest(requestId: string, signal: AbortSignal): AsyncIterable<RequestRecord>;
  status(): Promise<GatewayStatus>;
  /** By id, those behind `after`. */
  walletStates(
    page: { readonly limit: number; readonly after: string | null; readonly balances: boolean },
    signal: AbortSignal,
  ): Promise<readonly WalletState[]>;
  /** Throws INVALID_FIELD where there is none of that name. */
  checkSigners(ask: SignersAsk): Promise<SignerChecks>;
  /** By name; `name`: `null`: all. */
  checkRelayers(name: string | null): Promise<readonly BackendCheck[]>;
}

export type OperationsDeps = StatusDeps &
  WalletStateDeps & {
    readonly state: State;
    readonly checked: BackendCheckDeps;
    /** Told of what each check that somebody asked for found. */
    readonly signersChecked: (checks: readonly BackendCheck[]) => void;
  };

export function createOperations(deps: OperationsDeps): Operations {
  const { requests } = deps.state;
  return {
    listRequests: (page) => requests.list(page),
    async getRequest(requestId) {
      const request = await requests.find(requestId);
      if (request !== null) return request;
      throw new GatewayError('REQUEST_NOT_FOUND', `request_id: no request ${requestId}`);
    },
    watchRequest: (requestId, signal) => follow(requests, requestId, signal),
    status: () => readStatus(deps),
    walletStates: (page, signal) => walletStates(deps, page, signal),
    async checkSigners(ask) {
      const found = await checkSigners(deps.checked, ask);
      deps.signersChecked(found.checks);
      return found;
    },
    checkRelayers: (name) => checkRelayers(deps.checked, name),
  };
}
