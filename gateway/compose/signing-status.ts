// Owns what is told of signers and fee payers: which wallets use them, and how they stand.
import type { Config, WalletConfig } from '../config/config.ts';
import type { FeePayerFacts, SignerFacts } from '../core/status/signing-findings.ts';
import type { BackendCheckDeps } from '../pipeline/administration/backend-checks.ts';
import type { Backends } from './backends.ts';
import type { SeenSigner } from './signer-watch.ts';

/** The wallets of a sponsor's key are those that it pays for; what sends for a sponsor or a Kora has theirs too. */
export function usersIn(
  { relayers }: Pick<Config, 'relayers'>,
  wallets: () => readonly WalletConfig[],
): BackendCheckDeps['walletsOf'] {
  const idsOf = (kind: 'signer' | 'relayer', names: readonly string[]) =>
    wallets()
      .filter((wallet) => wallet[`${kind}s`].some((name) => names.includes(name)))
      .map(({ id }) => id);
  return (kind, name) => {
    if (kind === 'relayer') {
      const through = relayers.filter((relayer) => relayer.kind !== 'rpc' && relayer.sender === name);
      return idsOf('relayer', [name, ...through.map((relayer) => relayer.name)]);
    }
    const sponsored = relayers.filter((relayer) => payerKeyOf(relayer) === name).map((relayer) => relayer.name);
    return [...new Set([...idsOf('signer', [name]), ...idsOf('relayer', sponsored)])];
  };
}

type Composed = Pick<Backends, 'checked' | 'signers'>;

/** `now`: Unix milliseconds. */
export function signerFacts(seen: readonly SeenSigner[], { checked, signers }: Composed, now: number): SignerFacts[] {
  return seen.map(({ name, backend, last, failingSince }) => ({
    name,
    backend,
    wallets: checked.walletsOf('signer', name),
    failure:
      last?.check.kind === 'failed'
        ? { field: last.check.field, reason: last.check.reason, forMs: Math.max(0, now - (failingSince ?? last.at)) }
        : null,
    isLeftAlone: signers.get(name)?.guardState()?.breaker === 'open',
  }));
}

export function feePayerFacts(relayers: Config['relayers'], { checked }: Composed): FeePayerFacts[] {
  return [...checked.relayers.values()].flatMap(({ name, backend, feePayer }) => {
    if (feePayer === undefined || feePayer === null) return [];
    const config = relayers.find((relayer) => relayer.name === name);
    const signer = config === undefined ? null : payerKeyOf(config);
    return [{ name, backend, address: feePayer.address, signer, wallets: checked.walletsOf('relayer', name) }];
  });
}

function payerKeyOf(relayer: Config['relayers'][number]): string | null {
  return relayer.kind === 'sponsor' ? relayer.signer : null;
}
