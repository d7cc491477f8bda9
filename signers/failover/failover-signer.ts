// Owns the order in which several signers of one key are asked: the next one where one is away or has too much to do.
import type { SignContext, Signer, SignResult } from '../signer.ts';

/**
 * All of them hold the key of one address, and are asked in this order. To refuse is an answer: no other signer is asked then. Each gets an
 * equal share of the time that is left, so that the last ones have some. Throws where there is none, or they have different addresses.
 */
export function failoverSigner(signers: readonly [Signer, ...Signer[]]): Signer {
  const [first, ...others] = signers;
  const another = others.find(({ address }) => address !== first.address);
  if (another !== undefined) {
    throw new Error(`${another.name} holds the key of ${another.address}, and ${first.name} that of ${first.address}`);
  }
  return {
    name: first.name,
    backend: first.backend,
    address: first.address,
    custody: signers.every(({ custody }) => custody === 'process') ? 'process' : 'remote',
    repeatable: signers.every(({ repeatable }) => repeatable),
    sign: (messageBytes, context) => signInTurn(signers, messageBytes, context),
    // One that is ready is enough to sign.
    check: async (signal) => {
      const [own, ...rest] = await Promise.all([first.check(signal), ...others.map((signer) => signer.check(signal))]);
      return [own, ...rest].find(({ kind }) => kind === 'ready') ?? own;
    },
    close: async () => {
      await Promise.all(signers.map((signer) => signer.close()));
    },
  };
}

async function signInTurn(
  signers: readonly Signer[],
  messageBytes: Uint8Array,
  context: SignContext,
): Promise<SignResult> {
  const failures: Failure[] = [];
  for (const [n, signer] of signers.entries()) {
    const share = shareOf(context, signers.length - n);
    const result = await signer.sign(messageBytes, share.context).finally(share.release);
    const { name, backend } = signer;
    if (result.kind === 'signed') return { ...result, madeBy: { name, backend } };
    if (result.kind === 'refused') return failures.some(isAmbiguous) ? joint([...failures, { name, result }]) : result;
    failures.push({ name, result });
    if (context.signal.aborted || !(Date.now() < context.deadline)) break;
  }
  return joint(failures);
}

interface Failure {
  readonly name: string;
  readonly result: Exclude<SignResult, { readonly kind: 'signed' }>;
}

function isAmbiguous({ result }: Failure): boolean {
  return result.kind === 'unavailable' && result.ambiguous;
}

/** What one of them may have left behind is not undone by what the others said. */
function joint(failures: readonly Failure[]): SignResult {
  const [only] = failures;
  if (failures.length === 1 && only !== undefined) return only.result;
  const reason = failures.map(({ name, result }) => `${name}: ${result.reason}`).join('; ');
  if (failures.every(({ result }) => result.kind === 'overloaded')) return { kind: 'overloaded', reason };
  return { kind: 'unavailable', reason, ambiguous: failures.some(isAmbiguous) };
}

/** The `parts`th part of the time that is left; the call ends with the caller's all the same. */
function shareOf(context: SignContext, parts: number): { readonly context: SignContext; readonly release: () => void } {
  if (parts === 1) return { context, release: () => undefined };
  const now = Date.now();
  const deadline = now + (context.deadline - now) / parts;
  const bounds = new AbortController();
  const end = (): void => bounds.abort();
  const late = setTimeout(end, deadline - now);
  if (context.signal.aborted) end();
  context.signal.addEventListener('abort', end, { once: true });
  return {
    context: { ...context, deadline, signal: bounds.signal },
    release: () => {
      clearTimeout(late);
      context.signal.removeEventListener('abort', end);
    },
  };
}
