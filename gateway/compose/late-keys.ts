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
  const accepted: Accepted = new Map();
  // Keystores come together, and copies of one: the next key is judged when it is known what became of the one before.
  let before: Promise<unknown> = Promise.resolve();
  for (const { name, onKeyKnown } of options.signers.values()) {
    const judge = judgeOf(options, name, accepted);
    onKeyKnown?.((address) => {
      const verdict = before.then(() => judge(address));
      before = verdict.catch(() => undefined);
      return verdict;
    });
  }
}

/** By name of the signer: its address, from before the signer itself has it. */
type Accepted = Map<string, Address>;

function judgeOf(
  { config, signers, relayers, served, state, log }: LateKeysOptions,
  name: string,
  accepted: Accepted,
): KeyJudge {
  return async (found) => {
    const address = parseAddress(found);
    if (address === null) return refused(`${found} is no address`);
    const known = new Map(
      [...signers].map(([each, signer]) => [each, { name: each, address: accepted.get(each) ?? signer.address }]),
    );
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
      { own: wallets.map(({ id }) => id), late: late.map(({ id }) => id), address },
    );
    if (refusal !== null) return refused(refusal);
    accepted.set(name, address);
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

interface LateKey {
  /** Ids of the wallets that the signer is of. */
  readonly own: readonly string[];
  /** Of those, the ones that are not served yet. */
  readonly late: readonly string[];
  readonly address: Address;
}

/** The record takes all wallets of the configuration at once. `null`: it has taken them. */
async function refuseInRecord(
  { config, served, state }: Pick<LateKeysOptions, 'config' | 'served' | 'state'>,
  { own, late, address }: LateKey,
): Promise<string | null> {
  try {
    const recorded = new Map((await state.wallets.list()).map((wallet) => [wallet.id, wallet]));
    // One that is not served here has its address from the record alone.
    const other = config.wallets.find(({ id }) => !own.includes(id) && recorded.get(id)?.address === address);
    if (other !== undefined) return `the wallet ${other.id} has it`;
    if (late.length === 0) return null;
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
