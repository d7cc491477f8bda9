// Owns the harmless round trips to signers and relayers: whether each could do its work now. Nothing is signed or sent.
import type { FeePayer } from '../../../relayer/fee-payer.ts';
import type { Relayer, RelayerCheck } from '../../../relayer/relayer.ts';
import type { Signer, SignerCheck } from '../../../signers/signer.ts';
import { assertNever } from '../../core/assert-never.ts';
import { GatewayError } from '../../core/errors.ts';

/** What may be asked of a signer here. */
export type CheckedSigner = Pick<Signer, 'name' | 'backend' | 'address' | 'check'> & {
  /** Of a wallet that was made through the gateway: that from which it was made. Absent: the configuration names the signer. */
  readonly template?: string;
};
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

export type SignersAsk =
  | { readonly kind: 'named'; readonly name: string }
  /** Those of the configuration, and of each wallet template one: there may be thousands. */
  | { readonly kind: 'some' }
  /** By name, those behind `after`. */
  | { readonly kind: 'page'; readonly after: string | null; readonly limit: number };

export interface SignerChecks {
  /** By name. */
  readonly checks: readonly BackendCheck[];
  /** How many there are besides. */
  readonly notAsked: number;
}

/** How long one backend may take. */
const ANSWER_WITHIN_MS = 10_000;

/** Throws INVALID_FIELD where there is none of that name. */
export async function checkSigners(deps: BackendCheckDeps, ask: SignersAsk): Promise<SignerChecks> {
  const asked = askedSigners(deps.signers, ask);
  const checks = await Promise.all(
    // Of one that opens when it is checked, the address is known then.
    asked.map((signer) => checked({ ...deps, kind: 'signer', address: () => signer.address || null }, signer)),
  );
  return { checks, notAsked: deps.signers.size - asked.length };
}

function askedSigners(signers: BackendCheckDeps['signers'], ask: SignersAsk): readonly CheckedSigner[] {
  switch (ask.kind) {
    case 'named':
      return chosen(signers, 'signer', ask.name);
    case 'some': {
      const templates = new Set<string>();
      return byName(signers).filter(({ template }) => {
        if (template === undefined) return true;
        const isFirst = !templates.has(template);
        templates.add(template);
        return isFirst;
      });
    }
    case 'page': {
      const { after, limit } = ask;
      return byName(signers)
        .filter(({ name }) => after === null || name > after)
        .slice(0, limit);
    }
    default:
      return assertNever(ask);
  }
}

/** `name`: `null`: all. Throws INVALID_FIELD where there is none of that name. */
export async function checkRelayers(deps: BackendCheckDeps, name: string | null): Promise<readonly BackendCheck[]> {
  return Promise.all(
    chosen(deps.relayers, 'relayer', name).map((relayer) =>
      checked({ ...deps, kind: 'relayer', address: () => relayer.feePayer?.address ?? null }, relayer),
    ),
  );
}

function chosen<T extends { readonly name: string }>(
  backends: ReadonlyMap<string, T>,
  kind: 'signer' | 'relayer',
  name: string | null,
): readonly T[] {
  if (name === null) return byName(backends);
  const one = backends.get(name);
  if (one !== undefined) return [one];
  const known = [...backends.keys()].sort();
  const others = known.length > MOST_NAMED ? ` and ${known.length - MOST_NAMED} more` : '';
  throw new GatewayError(
    'INVALID_FIELD',
    `${kind}: there is none of that name; there are ${known.slice(0, MOST_NAMED).join(', ')}${others}`,
  );
}

const MOST_NAMED = 20;

function byName<T extends { readonly name: string }>(backends: ReadonlyMap<string, T>): readonly T[] {
  return [...backends.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function checked(
  {
    kind,
    address,
    walletsOf,
  }: Pick<BackendCheckDeps, 'walletsOf'> & {
    readonly kind: 'signer' | 'relayer';
    readonly address: () => string | null;
  },
  backend: CheckedSigner | CheckedRelayer,
): Promise<BackendCheck> {
  const started = performance.now();
  const result = await answerOf(backend);
  const latencyMs = performance.now() - started;
  const { name } = backend;
  return { name, backend: backend.backend, address: address(), result, latencyMs, wallets: walletsOf(kind, name) };
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
