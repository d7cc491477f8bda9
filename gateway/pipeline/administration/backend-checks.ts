// Owns the harmless round trips to signers and relayers: whether each could do its work now. Nothing is signed or sent.
import type { FeePayer } from '../../../relayer/fee-payer.ts';
import type { Relayer, RelayerCheck } from '../../../relayer/relayer.ts';
import type { Signer, SignerCheck } from '../../../signers/signer.ts';
import { GatewayError } from '../../core/errors.ts';

/** What may be asked of a signer here. */
export type CheckedSigner = Pick<Signer, 'name' | 'backend' | 'address' | 'check'>;
export type CheckedRelayer = Pick<Relayer, 'name' | 'backend' | 'check'> & {
  /** Who pays the fees of what it sends; absent or `null`: the wallets themselves. */
  readonly feePayer?: Pick<FeePayer, 'address'> | null;
};

export interface BackendCheckDeps {
  /** By name. */
  readonly signers: ReadonlyMap<string, CheckedSigner>;
  readonly relayers: ReadonlyMap<string, CheckedRelayer>;
  /** Ids of the wallets that use this signer or relayer. */
  readonly walletsOf: (kind: 'signer' | 'relayer', name: string) => readonly string[];
}

export interface BackendCheck {
  readonly name: string;
  readonly backend: string;
  /** Base58 of the key, or of who pays fees; `null`: it has none, or it is not known. */
  readonly address: string | null;
  readonly result: SignerCheck | RelayerCheck;
  readonly latencyMs: number;
  readonly wallets: readonly string[];
}

/** How long one backend may take. */
const ANSWER_WITHIN_MS = 10_000;

/** `name`: `null`: all. Throws INVALID_FIELD where there is none of that name. */
export async function checkSigners(deps: BackendCheckDeps, name: string | null): Promise<readonly BackendCheck[]> {
  return Promise.all(
    chosen(deps.signers, 'signer', name).map((signer) =>
      checked({ ...deps, kind: 'signer', address: signer.address }, signer),
    ),
  );
}

/** `name`: `null`: all. Throws INVALID_FIELD where there is none of that name. */
export async function checkRelayers(deps: BackendCheckDeps, name: string | null): Promise<readonly BackendCheck[]> {
  return Promise.all(
    chosen(deps.relayers, 'relayer', name).map((relayer) =>
      checked({ ...deps, kind: 'relayer', address: relayer.feePayer?.address ?? null }, relayer),
    ),
  );
}

function chosen<T extends { readonly name: string }>(
  backends: ReadonlyMap<string, T>,
  kind: 'signer' | 'relayer',
  name: string | null,
): readonly T[] {
  if (name === null) return [...backends.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const one = backends.get(name);
  if (one !== undefined) return [one];
  const known = [...backends.keys()].sort().join(', ');
  throw new GatewayError('INVALID_FIELD', `${kind}: there is none of that name; there are ${known}`);
}

async function checked(
  {
    kind,
    address,
    walletsOf,
  }: Pick<BackendCheckDeps, 'walletsOf'> & {
    readonly kind: 'signer' | 'relayer';
    readonly address: string | null;
  },
  backend: CheckedSigner | CheckedRelayer,
): Promise<BackendCheck> {
  const started = performance.now();
  const result = await answerOf(backend);
  const latencyMs = performance.now() - started;
  const { name } = backend;
  return { name, backend: backend.backend, address, result, latencyMs, wallets: walletsOf(kind, name) };
}

async function answerOf(backend: CheckedSigner | CheckedRelayer): Promise<SignerCheck | RelayerCheck> {
  const { promise: late, resolve } = Promise.withResolvers<SignerCheck>();
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
  signal.addEventListener('abort', () => resolve(failed(`it did not answer within ${ANSWER_WITHIN_MS} ms`)));
  try {
    return await Promise.race([backend.check(signal), late]);
  } catch {
    // A backend's exception may carry anything, secrets too: its text goes nowhere.
    return failed('it failed without an answer');
  }
}

function failed(reason: string): SignerCheck {
  return { kind: 'failed', field: null, reason };
}
