// Owns one attempt at a remote signer: bounded in time, and its signature verified over the bytes that were judged.
import type { SignContext, Signer, SignResult } from '../signer.ts';
import { verifySignature } from '../verify.ts';

export interface Attempt {
  readonly result: SignResult;
  /** What it shows of the service; `nothing`: it has too much to do, or the caller left before the service had its time. */
  readonly shows: 'works' | 'fails' | 'nothing';
}

/** A backend that does not notice that its signal was aborted is waited for no longer than this. */
const GRACE_MS = 250;

/** `timeoutMs`: how long it may take; it never takes longer than until the deadline. Never throws. */
export async function attemptToSign(
  signer: Signer,
  messageBytes: Uint8Array,
  context: SignContext,
  timeoutMs: number,
): Promise<Attempt> {
  const allowedMs = Math.min(timeoutMs, context.deadline - Date.now());
  if (!(allowedMs > 0)) return { result: unsent('the deadline passed before it was asked'), shows: 'nothing' };
  if (context.signal.aborted) return { result: unsent('the caller left before it was asked'), shows: 'nothing' };
  const { promise: abandoned, resolve: abandon } = Promise.withResolvers<SignResult>();
  const bounds = new AbortController();
  let isLate = false;
  let grace: NodeJS.Timeout | undefined;
  const end = (): void => {
    bounds.abort();
    grace ??= setTimeout(abandon, GRACE_MS, lost('it did not answer'));
  };
  const late = setTimeout(() => {
    isLate = true;
    end();
  }, allowedMs);
  context.signal.addEventListener('abort', end, { once: true });
  try {
    const answer = await Promise.race([ask(signer, messageBytes, { ...context, signal: bounds.signal }), abandoned]);
    const isOver = isLate || Date.now() >= context.deadline;
    return await judged(
      signer,
      messageBytes,
      isLate ? saidLate(answer, allowedMs) : answer,
      isOver,
      context.signal.aborted,
    );
  } finally {
    clearTimeout(late);
    clearTimeout(grace);
    context.signal.removeEventListener('abort', end);
  }
}

/** With copies: whatever a backend does to its arguments, the judged bytes stay what they are. */
async function ask(signer: Signer, messageBytes: Uint8Array, context: SignContext): Promise<SignResult> {
  const own = context.kind === 'message' ? context : { ...context, wireTransaction: context.wireTransaction.slice() };
  try {
    return await signer.sign(messageBytes.slice(), own);
  } catch {
    // An exception may carry anything, secrets too: its text goes nowhere.
    return lost('it failed without an answer');
  }
}

async function judged(
  signer: Signer,
  messageBytes: Uint8Array,
  result: SignResult,
  isOver: boolean,
  hasLeft: boolean,
): Promise<Attempt> {
  switch (result.kind) {
    case 'signed': {
      const { address } = signer;
      if (await verifySignature({ address, messageBytes, signature: result.signature }))
        return { result, shows: 'works' };
      return { result: lost('its signature does not verify over the judged bytes'), shows: 'fails' };
    }
    case 'refused':
      return { result, shows: 'works' };
    case 'overloaded':
      return { result, shows: 'nothing' };
    case 'unavailable':
      if (result.cause === 'open') return { result, shows: 'works' };
      return { result, shows: result.cause === 'throttled' || (hasLeft && !isOver) ? 'nothing' : 'fails' };
  }
}

/** What a backend says of an aborted call is that its caller left, unless it knows more. */
function saidLate(answer: SignResult, allowedMs: number): SignResult {
  if (answer.kind !== 'unavailable' || answer.cause !== undefined) return answer;
  return { ...answer, reason: `it did not answer within ${Math.round(allowedMs)} ms` };
}

function unsent(reason: string): SignResult {
  return { kind: 'unavailable', reason, ambiguous: false };
}

function lost(reason: string): SignResult {
  return { kind: 'unavailable', reason, ambiguous: true };
}
