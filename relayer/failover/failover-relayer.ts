// Owns the order in which several relayers get the same signed bytes: the next one where nobody knows whether one has sent them.
import type { Relayer, SubmitResult } from '../relayer.ts';

/** Of each but the last one: a relayer that hangs must leave the next ones their turn. */
const ANSWER_WITHIN_MS = 5_000;

/**
 * The same bytes cannot land twice, so the next one is safe to ask. A rejection is an answer: no other relayer is asked then. `backend` and
 * `name` are those of the first.
 */
export function failoverRelayer(relayers: readonly [Relayer, ...Relayer[]]): Relayer {
  const [first, ...rest] = relayers;
  return {
    name: first.name,
    backend: first.backend,
    // As long as one of them can send.
    lack: () => (relayers.every((relayer) => relayer.lack() !== null) ? first.lack() : null),
    submit: (signedTransaction, signal) => submitInTurn(relayers, signedTransaction, signal),
    check: async (signal) => {
      const [own, ...others] = await Promise.all([
        first.check(signal),
        ...rest.map((relayer) => relayer.check(signal)),
      ]);
      return [own, ...others].find(({ kind }) => kind === 'ready') ?? own;
    },
    close: async () => {
      await Promise.all(relayers.map((relayer) => relayer.close()));
    },
  };
}

async function submitInTurn(
  relayers: readonly Relayer[],
  signedTransaction: Uint8Array,
  signal: AbortSignal,
): Promise<SubmitResult> {
  const unknown: string[] = [];
  const able = relayers.filter((relayer) => relayer.lack() === null);
  const asked = able.length === 0 ? relayers : able;
  for (const [n, relayer] of asked.entries()) {
    const isLast = n === asked.length - 1;
    const result = await (isLast
      ? relayer.submit(signedTransaction, signal)
      : early(relayer, signedTransaction, signal));
    if (result.kind === 'accepted' || (result.kind === 'rejected' && unknown.length === 0)) return result;
    unknown.push(`${relayer.name}: ${result.reason}`);
    // An earlier one may have sent it: that another rejects it, as one that was sent already perhaps, does not undo that.
    if (result.kind === 'rejected' || signal.aborted) break;
  }
  return { kind: 'unknown', reason: unknown.join('; ') };
}

async function early(relayer: Relayer, signedTransaction: Uint8Array, signal: AbortSignal): Promise<SubmitResult> {
  const bounds = new AbortController();
  const end = (): void => bounds.abort();
  const late = setTimeout(end, ANSWER_WITHIN_MS);
  if (signal.aborted) end();
  signal.addEventListener('abort', end, { once: true });
  try {
    return await relayer.submit(signedTransaction, bounds.signal);
  } finally {
    clearTimeout(late);
    signal.removeEventListener('abort', end);
  }
}
