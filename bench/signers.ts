// Owns the measurement of signers: what a local signature costs, what the guard adds to a remote one, and whether a slow backend is felt by others.
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { base58FromBytes, publicKeyBytes } from '../signers/ed25519-key.ts';
import { guardSigner } from '../signers/guard/guard-signer.ts';
import { createKeystore } from '../signers/local-keypair/create-keystore.ts';
import { openLocalKeypairSigner } from '../signers/local-keypair/local-keypair-signer.ts';
import type { SignContext, Signer } from '../signers/signer.ts';
import { verifySignature } from '../signers/verify.ts';

export interface SignersMeasurement {
  /** Median of signing a message of 300 bytes with a keystore's key and verifying that. */
  readonly localUs: number;
  /** 99th percentiles at 200 in flight over a backend of about 50 ms: believed as it is, and through the guard, which verifies. */
  readonly bareP99Ms: number;
  readonly guardedP99Ms: number;
  /** 99th percentiles of a backend of 5 ms behind its own guard: alone, and while another is asked more than it can do. */
  readonly aloneP99Ms: number;
  readonly besideSlowP99Ms: number;
  /** Calls of the slow one that were turned away meanwhile. */
  readonly turnedAway: number;
}

const IN_FLIGHT = 200;
const BACKEND_MS = 50;
const QUICK_MS = 5;
/** After that, whom the slow one turned away asks again. */
const TURNED_AWAY_MS = 100;
const ROUNDS = 3;

/** `seconds`: of each load. */
export async function measureSigners(seconds: number): Promise<SignersMeasurement> {
  const localUs = await measureLocal();
  // In turns, so that what else the machine does meanwhile meets both.
  const bare: number[] = [];
  const through: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await p99Of(backendOf(BACKEND_MS), IN_FLIGHT, seconds));
    through.push(await p99Of(guarded(backendOf(BACKEND_MS), IN_FLIGHT), IN_FLIGHT, seconds));
  }
  return { localUs, bareP99Ms: median(bare), guardedP99Ms: median(through), ...(await measureBulkhead(seconds)) };
}

async function measureLocal(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-bench-'));
  try {
    const [keystorePath, passphrase] = [join(folder, 'keystore.json'), randomBytes(16).toString('hex')];
    await createKeystore({ path: keystorePath, passphrase, scryptCost: 2 ** 14 });
    const cluster = { genesisHash: '' };
    const signer = await openLocalKeypairSigner({
      name: 'local',
      keystorePath,
      passphrase,
      cluster,
      allowMainnet: false,
    });
    const times: number[] = [];
    for (let i = 0; i < 6_000; i++) {
      const started = performance.now();
      await mustSign(verifying(signer), MESSAGE);
      times.push((performance.now() - started) * 1_000);
    }
    await signer.close();
    return median(times.slice(1_000));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureBulkhead(
  seconds: number,
): Promise<Pick<SignersMeasurement, 'aloneP99Ms' | 'besideSlowP99Ms' | 'turnedAway'>> {
  const few = 16;
  const aloneP99Ms = await p99Of(guarded(backendOf(QUICK_MS), few), few, seconds);
  const slow = guardSigner(backendOf(2_000), { timeoutMs: 10_000, maxInFlight: 32, maxWaiting: 64 });
  const flood = new AbortController();
  let turnedAway = 0;
  const callers = Array.from({ length: IN_FLIGHT }, async () => {
    while (!flood.signal.aborted) {
      const result = await slow.sign(MESSAGE, contextOf(flood.signal));
      if (result.kind === 'overloaded') turnedAway += 1;
      if (result.kind !== 'signed') await delay(TURNED_AWAY_MS);
    }
  });
  const besideSlowP99Ms = await p99Of(guarded(backendOf(QUICK_MS), few), few, seconds);
  flood.abort();
  await Promise.all(callers);
  return { aloneP99Ms, besideSlowP99Ms, turnedAway };
}

const { privateKey } = generateKeyPairSync('ed25519');
const address = base58FromBytes(publicKeyBytes(privateKey));

const MESSAGE = randomBytes(300);
/** Made once: what a service spends on a signature is spent on another machine. */
const SIGNATURE = sign(null, MESSAGE, privateKey);

/** Answers after so many milliseconds, a tenth more or less, as a service in another place. */
function backendOf(milliseconds: number): Signer {
  return {
    name: 'remote',
    backend: 'bench',
    address,
    custody: 'remote',
    repeatable: true,
    sign: async (_messageBytes, { signal }) => {
      await delay(milliseconds * (0.9 + Math.random() * 0.2));
      if (signal.aborted) return { kind: 'unavailable', reason: 'the caller left', ambiguous: true };
      return { kind: 'signed', signature: SIGNATURE };
    },
    check: async () => ({ kind: 'ready', detail: 'bench' }),
    close: async () => undefined,
  };
}

function guarded(signer: Signer, inFlight: number): Signer {
  return guardSigner(signer, { timeoutMs: 10_000, maxInFlight: inFlight, maxWaiting: inFlight });
}

/** As the road of a signature does with every backend. */
function verifying(signer: Signer): Signer {
  return {
    ...signer,
    sign: async (messageBytes, context) => {
      const result = await signer.sign(messageBytes, context);
      if (result.kind !== 'signed') return result;
      if (await verifySignature({ address: signer.address, messageBytes, signature: result.signature })) return result;
      return { kind: 'unavailable', reason: 'its signature does not verify', ambiguous: true };
    },
  };
}

/** Milliseconds. Throws where anything is not signed. */
async function p99Of(signer: Signer, inFlight: number, seconds: number): Promise<number> {
  const end = performance.now() + seconds * 1_000;
  const times: number[] = [];
  const callers = Array.from({ length: inFlight }, async (_, n) => {
    // Not all at the same moment: what is measured is the guard, not a queue of signatures.
    await delay((n * BACKEND_MS) / inFlight);
    while (performance.now() < end) {
      const started = performance.now();
      await mustSign(signer, MESSAGE);
      times.push(performance.now() - started);
    }
  });
  await Promise.all(callers);
  return times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Number.NaN;
}

async function mustSign(signer: Signer, messageBytes: Uint8Array): Promise<void> {
  const result = await signer.sign(messageBytes, contextOf(new AbortController().signal));
  if (result.kind !== 'signed') throw new Error(`nothing was signed: ${result.reason}`);
}

function contextOf(signal: AbortSignal): SignContext {
  return { kind: 'message', deadline: Date.now() + 30_000, idempotencyKey: 'bench', signal };
}

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
