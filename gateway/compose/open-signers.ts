// Owns the opening of all signers: the remote ones behind a guard each, and none stops the others where it cannot be opened.
import { type GuardedSigner, guardSigner } from '../../signers/guard/guard-signer.ts';
import { keystoreAddress } from '../../signers/local-keypair/local-keypair-signer.ts';
import type { Signer } from '../../signers/signer.ts';
import type { Config } from '../config/config.ts';
import type { SignerConfig } from '../config/signers/signers.ts';
import type { Log } from '../telemetry/log.ts';
import { openSigner } from './signers.ts';
import {
  type ComposedSigner,
  createUnopenedSigner,
  faultOf,
  guardStateOf,
  readAgain,
  SignerFault,
} from './unopened-signer.ts';

/** All of the configuration, by name. The address of one that cannot be opened may be empty: nobody knows it. */
export async function openSigners(
  config: Config,
  genesisHash: string,
  log: Log,
  onClose: (close: () => Promise<void>) => void,
): Promise<ReadonlyMap<string, ComposedSigner>> {
  const { signerTimeoutMs } = config.limits;
  const open = async (signer: SignerConfig) =>
    guarded(await openSigner(signer, genesisHash, signerTimeoutMs), signer, signerTimeoutMs, log);
  const opening = config.signers.map((signer) => openedOrNot(signer, () => open(signer)));
  const lacking = config.lackingSigners.map((signer) =>
    unopened(signer, new SignerFault(signer.field, signer.reason), async () => open(await readAgain(signer))),
  );
  const signers = await Promise.all([...opening, ...lacking]);
  for (const signer of signers) onClose(() => signer.close());
  return new Map(signers.map((signer) => [signer.name, signer]));
}

function guarded(signer: Signer, config: SignerConfig, signerTimeoutMs: number, log: Log): Signer | GuardedSigner {
  if (config.kind === 'local-keypair') return signer;
  const { maxInFlight, maxWaiting, timeoutMs } = config;
  const facts = { part: 'signer', signer: signer.name };
  const breakerMoved = (state: 'open' | 'closed'): void => {
    if (state === 'open') log.warn(facts, 'the signer kept failing: it is left alone for 30 s, then one call tries it');
    else log.info(facts, 'the signer works again');
  };
  return guardSigner(signer, { timeoutMs: timeoutMs ?? signerTimeoutMs, maxInFlight, maxWaiting, breakerMoved });
}

async function openedOrNot(config: SignerConfig, open: () => Promise<Signer>): Promise<ComposedSigner> {
  try {
    const signer = await open();
    return { ...signer, guardState: () => guardStateOf(signer), fault: () => null };
  } catch (error) {
    const isLocal = config.kind === 'local-keypair';
    const known = {
      name: config.name,
      backend: config.kind,
      address: isLocal ? null : config.address,
      keystoreFile: isLocal ? config.keystoreFile : null,
    };
    return unopened(known, faultOf(error), open);
  }
}

interface KnownOfSigner {
  readonly name: string;
  readonly backend: string;
  readonly address: string | null;
  readonly keystoreFile: string | null;
}

async function unopened(
  { name, backend, address: configured, keystoreFile }: KnownOfSigner,
  fault: SignerFault,
  open: () => Promise<Signer>,
): Promise<ComposedSigner> {
  const address = configured ?? (keystoreFile === null ? null : await keystoreAddress(keystoreFile));
  const custody = keystoreFile === null ? 'remote' : 'process';
  return createUnopenedSigner({ name, backend, address: address ?? '', custody, fault, open });
}
