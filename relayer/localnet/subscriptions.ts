// Owns the WebSocket subscriptions of the local chain: signatures, slots, accounts.
import { stringifyExactJson } from '../json-exact.ts';
import { accountJson } from './account-encoding.ts';
import type { Chain, ChainChange } from './chain.ts';
import { hasReached } from './landed-transactions.ts';
import { addressAt, commitmentOfConfig, configAt, flagOf, type Params, signatureAt } from './params.ts';

/** Sends a notification's result. */
export type Notify = (result: unknown) => void;

/** Looks at the chain after a change (null: just subscribed); `done` ends the subscription. */
export type Subscription = (change: ChainChange | null) => 'active' | 'done';

export interface SubscriptionKind {
  readonly notification: string;
  readonly open: (chain: Chain, params: Params, notify: Notify) => Subscription;
}

/** By the name before `Subscribe` and `Unsubscribe`. */
export const SUBSCRIPTIONS: ReadonlyMap<string, SubscriptionKind> = new Map([
  ['signature', { notification: 'signatureNotification', open: openSignature }],
  ['slot', { notification: 'slotNotification', open: openSlot }],
  ['account', { notification: 'accountNotification', open: openAccount }],
]);

function openSignature(chain: Chain, params: Params, notify: Notify): Subscription {
  const signature = signatureAt(params[0], 'signature');
  const config = configAt(params, 1);
  const commitment = commitmentOfConfig(chain, config);
  let announcesReceipt = flagOf(config, 'enableReceivedNotification');
  return () => {
    const status = chain.landed.status(signature);
    if (status === undefined) return 'active';
    const context = { slot: chain.clock.slot('processed') };
    if (announcesReceipt) notify({ context, value: 'receivedSignature' });
    announcesReceipt = false;
    if (!hasReached(chain.clock, status.slot, commitment)) return 'active';
    notify({ context, value: { err: status.error } });
    return 'done';
  };
}

function openSlot(chain: Chain, _params: Params, notify: Notify): Subscription {
  return (change) => {
    if (change?.kind === 'slot') {
      notify({ slot: change.slot, parent: change.slot - 1n, root: chain.clock.slot('finalized') });
    }
    return 'active';
  };
}

function openAccount(chain: Chain, params: Params, notify: Notify): Subscription {
  const address = addressAt(params[0], 'address');
  const config = configAt(params, 1);
  commitmentOfConfig(chain, config);
  const read = (): unknown => accountJson(chain.svm.getAccount(address), config) ?? EMPTY_ACCOUNT;
  let last = stringifyExactJson(read());
  return (change) => {
    if (change?.kind !== 'landed') return 'active';
    const value = read();
    const text = stringifyExactJson(value);
    if (text !== last) notify({ context: { slot: chain.clock.slot('processed') }, value });
    last = text;
    return 'active';
  };
}

/** How the cluster writes an account that was removed. */
const EMPTY_ACCOUNT = {
  data: ['', 'base64'],
  executable: false,
  lamports: 0,
  owner: '11111111111111111111111111111111',
  rentEpoch: 0,
  space: 0,
};
