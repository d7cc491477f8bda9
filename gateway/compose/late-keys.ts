// Owns signers whose address nobody knew at the start, as their keystores were not there: once it is known, their wallets are served.
import type { Config } from '../config/config.ts';
import type { Address } from '../core/address.ts';
import { parseAddress } from '../core/base58.ts';
import { GatewayError } from '../core/errors.ts';
import type { Wallet } from '../core/principal/principal.ts';
import type { State } from '../state/contract/state.ts';
import type { Log } from '../telemetry/log.ts';
import { keyProblems } from './key-problems.ts';
import type { ServedWallets } from './managed-routes.ts';
import type { OpenedRelayer } from './relayers.ts';
import type { ComposedSigner, KeyJudge, KeyVerdict } from './unopened-signer.ts';
import { routeWallets } from './wallet-routes.ts';

export interface LateKeysOptions {
  readonly config: Pick<Config, 'wallets' | 'relayers'>;
  /** By name. */
  readonly signers: ReadonlyMap<string, ComposedSigner>;
  readonly relayers: ReadonlyMap<string, OpenedRelayer>;
  readonly served: Pick<ServedWallets, 'routes' | 'unserved'>;
  readonly state: {
    readonly wallets: State['wallets'];
    readonly managedWallets: Pick<State['managedWallets'], 'active'>;
  };
  readonly log: Log;
}

/** A key is judged as at the start: it is of one wallet or sponsor, of no wallet that was made through the gateway, and of no other before. */
export function serveLateKeys(options: LateKeysOptions): void {
  for (const { name, onKeyKnown } of options.signers.values()) onKeyKnown?.(judgeOf(options, name));
}

function judgeOf({ config, signers, relayers, served, state, log }: LateKeysOptions, name: string): KeyJudge {
  return async (found) => {
    const address = parseAddress(found);
    if (address === null) return refused(`${found} is no address`);
    const known = new Map([...signers].map(([each, signer]) => [each, { name: each, address: signer.address }]));
    const [problem] = keyProblems(config, known.set(name, { name, address }));
    if (problem !== undefined) return refused(`${problem.entry}: ${problem.field} ${problem.message}`);
    const holder = state.managedWallets
      .active()
      .values()
      .find(({ key }) => key?.address === address);
    if (holder !== undefined)
      return refused(`the wallet ${holder.walletId}, which was made through the gateway, has it`);
    const wallets = config.wallets.filter((wallet) => wallet.signers.includes(name));
    const late = wallets.filter(({ id }) => served.unserved.has(id));
    const refusal = await refuseInRecord(
      { config, served, state },
      late.map(({ id }) => id),
      address,
    );
    if (refusal !== null) return refused(refusal);
    const use = (): void => {
      for (const [id, route] of routeWallets(wallets, { signers, relayers }).routes) {
        served.routes.set(id, route);
        if (served.unserved.delete(id))
          log.info({ part: 'wallet', wallet: id, signer: name, address }, 'the wallet can be used');
      }
    };
    return { kind: 'accepted', use };
  };
}

/** The record takes all wallets of the configuration at once. `null`: it has taken them. */
async function refuseInRecord(
  { config, served, state }: Pick<LateKeysOptions, 'config' | 'served' | 'state'>,
  late: readonly string[],
  address: Address,
): Promise<string | null> {
  if (late.length === 0) return null;
  try {
    const recorded = new Map((await state.wallets.list()).map((wallet) => [wallet.id, wallet]));
    const wallets = config.wallets.flatMap(({ id }): readonly Wallet[] => {
      if (late.includes(id)) return [{ id, address }];
      const wallet = served.routes.get(id)?.wallet ?? recorded.get(id);
      return wallet === undefined ? [] : [wallet];
    });
    await state.wallets.sync(wallets);
    return null;
  } catch (error) {
    if (error instanceof GatewayError) return error.message;
    throw error;
  }
}

function refused(reason: string): KeyVerdict {
  // Only of a keystore is the address not in the configuration.
  return { kind: 'refused', field: 'keystore_file', reason: `its key cannot be used: ${reason}` };
}
