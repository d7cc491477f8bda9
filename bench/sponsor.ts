// Owns the measurement of fees that the gateway pays itself: the same transfers, paid by the wallet and by the sponsor.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { type Address, address, createNoopSigner } from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import { SignTransactionResponseSchema } from '../proto/gen/countersign/v1/signing_pb.ts';
import type { GivenSections, Sections } from '../scripts/dev/environment.ts';
import { createKeystore } from '../signers/local-keypair/create-keystore.ts';
import { wireTransaction } from '../tour/transactions.ts';
import { type GatewayScene, IN_FLIGHT, signRequests, withGateway } from './gateway-scene.ts';
import { measureLoad, quantile } from './load.ts';

export interface SponsorMeasurement {
  /** Signatures a second where the wallet pays, and where the sponsor does. */
  readonly own: number;
  readonly sponsored: number;
  /** Calls that were answered without a signature. */
  readonly unanswered: number;
}

const ROUNDS = 3;
const ENOUGH = '1000000 SOL';

/** In rounds that take turns; the median of each. */
export async function measureSponsor(seconds: number): Promise<SponsorMeasurement> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-bench-sponsor-'));
  try {
    const [keystore_file, passphrase_file] = [
      join(folder, 'sponsor.keystore.json'),
      join(folder, 'sponsor.passphrase'),
    ];
    const passphrase = randomBytes(24).toString('base64url');
    await writeFile(passphrase_file, passphrase, { mode: 0o600 });
    const made = await createKeystore({ path: keystore_file, passphrase, scryptCost: 2 ** 14 });
    const config = ({ signers, relayers, wallets }: GivenSections): Sections => ({
      signers: [...signers, { name: 'sponsor-key', type: 'local-keypair', keystore_file, passphrase_file }],
      relayers: [
        ...relayers,
        {
          name: 'sponsor',
          type: 'sponsor',
          signer: 'sponsor-key',
          relayer: 'local',
          max_per_transaction: '0.001 SOL',
          per_agent_per_day: ENOUGH,
          per_day: ENOUGH,
        },
      ],
      wallets: wallets.map((wallet) => ({ ...wallet, relayer: 'sponsor' })),
    });
    return await withGateway((scene) => measure(scene, address(made.address), seconds), { config });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(
  { target, wallet, recipient }: GatewayScene,
  sponsor: Address,
  seconds: number,
): Promise<SponsorMeasurement> {
  const source = createNoopSigner(wallet);
  const paid = signRequests((i) =>
    wireTransaction(
      sponsor,
      [1n, 2n, BigInt(i)].map((amount) => getTransferSolInstruction({ source, destination: recipient, amount })),
    ),
  );
  const targets = { own: target, sponsored: { ...target, requests: paid } };
  const rates: Record<keyof typeof targets, number[]> = { own: [], sponsored: [] };
  let unanswered = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (const kind of ['own', 'sponsored'] as const) {
      const { calls, callsPerSecond } = await measureLoad(targets[kind], IN_FLIGHT, seconds);
      rates[kind].push(callsPerSecond);
      unanswered += calls.filter(({ answer }) => !isSigned(answer)).length;
    }
  }
  return { own: quantile(rates.own, 0.5), sponsored: quantile(rates.sponsored, 0.5), unanswered };
}

function isSigned(answer: Buffer): boolean {
  return fromBinary(SignTransactionResponseSchema, answer).outcome.case === 'signed';
}
