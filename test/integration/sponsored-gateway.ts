// Owns a gateway whose wallet has a fee payer of the gateway's own: its configuration, its key, and the transactions that name it.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Address, address, type Instruction } from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import { getTransferCheckedInstruction } from '@solana-program/token';
import type { Backends } from '../../gateway/compose/backends.ts';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { airdrop } from '../../relayer/localnet/confirmed-sends.ts';
import type { GivenSections, Sections } from '../../scripts/dev/environment.ts';
import { createKeystore } from '../../signers/local-keypair/create-keystore.ts';
import { tokenAccount, wireTransaction } from '../../tour/transactions.ts';
import { signer } from '../adversarial/victim.ts';
import { startTestGateway, type TestGateway } from './gateway-fixture.ts';

export const SPONSOR = 'gas-station';

export interface SponsoredGateway extends TestGateway {
  readonly wallet: Address;
  readonly sponsor: Address;
  readonly recipient: Address;
  readonly mint: Address;
  /** Token account of the recipient: what is paid for fees goes there too, where something is. */
  readonly till: Address;
  /** Bytes of a transaction that names the sponsor as its fee payer. */
  paid(...instructions: readonly Instruction[]): Uint8Array;
  sol(lamports: bigint): Instruction;
  tokens(amount: bigint): Instruction;
  /** `signed`, `submitted`, or the reasons of the denial by code, with what would be right. */
  sign(transaction: Uint8Array): Promise<Answer>;
  lamports(of: Address): Promise<bigint>;
}

export interface Answer {
  readonly outcome: string;
  readonly codes: readonly string[];
  readonly remedy: string;
  readonly transaction: Uint8Array;
}

export interface SponsoredOptions {
  /** Instead of the usual terms. */
  readonly terms?: (given: GivenSections) => Sections | Promise<Sections>;
  readonly intercept?: (backends: Backends) => Backends;
  /** Whatever the policy says, it allows. */
  readonly careless?: boolean;
  readonly slotMilliseconds?: number;
}

const TERMS = { max_per_transaction: '0.01 SOL', per_agent_per_day: '1 SOL', per_day: '2 SOL' };

export async function startSponsoredGateway(options: SponsoredOptions = {}): Promise<SponsoredGateway> {
  const { terms = () => ({}), intercept = (backends) => backends, careless = false, ...others } = options;
  const folder = await mkdtemp(join(tmpdir(), 'countersign-sponsor-'));
  const [keystore_file, passphrase_file] = [join(folder, 'sponsor.keystore.json'), join(folder, 'sponsor.passphrase')];
  const passphrase = randomBytes(24).toString('base64url');
  await writeFile(passphrase_file, passphrase, { mode: 0o600 });
  const made = await createKeystore({ path: keystore_file, passphrase, scryptCost: 2 ** 14 });
  const sponsor = address(made.address);
  const gateway = await startTestGateway({
    ...others,
    intercept: (backends) => intercept(careless ? allowingAll(backends) : backends),
    config: async (given) => ({
      signers: [...given.signers, { name: 'sponsor-key', type: 'local-keypair', keystore_file, passphrase_file }],
      relayers: [
        ...given.relayers,
        { name: SPONSOR, type: 'sponsor', signer: 'sponsor-key', relayer: 'local', ...TERMS, ...(await terms(given)) },
      ],
      wallets: given.wallets.map((wallet) => ({ ...wallet, relayer: SPONSOR })),
    }),
  });
  const { environment, agent } = gateway;
  const { recipient, token } = environment;
  const wallet = environment.wallet.address;
  const { rpcUrl } = environment.localnet;
  await airdrop(rpcUrl, sponsor, 10_000_000_000n);
  const [own, till] = await Promise.all([wallet, recipient].map((owner) => tokenAccount(owner, token.address)));
  if (own === undefined || till === undefined) throw new Error('no token accounts');
  return {
    ...gateway,
    wallet,
    sponsor,
    recipient,
    mint: token.address,
    till,
    paid: (...instructions) => wireTransaction(sponsor, instructions),
    sol: (amount) => getTransferSolInstruction({ source: signer(wallet), destination: recipient, amount }),
    tokens: (amount) =>
      getTransferCheckedInstruction({
        source: own,
        mint: token.address,
        destination: till,
        authority: signer(wallet),
        amount,
        decimals: token.decimals,
      }),
    sign: async (transaction) => {
      const { outcome } = await agent.unary(SigningService.method.signTransaction, {
        wallet: 'treasury',
        transaction,
        setFreshBlockhash: true,
      });
      const reasons = outcome.case === 'denied' ? outcome.value.reasons : [];
      return {
        outcome: outcome.case ?? 'none',
        codes: reasons.map(({ code }) => code),
        remedy: reasons.map(({ remedy }) => remedy).join('; '),
        transaction: outcome.case === 'signed' ? outcome.value.transaction : new Uint8Array(),
      };
    },
    lamports: async (of) => {
      const { accounts } = await environment.gateway.backends.chain.getAccounts([of], AbortSignal.timeout(5_000));
      return accounts.get(of)?.lamports ?? 0n;
    },
    stop: async () => {
      await gateway.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function allowingAll(backends: Backends): Backends {
  const current = () => ({ ...backends.policy.current(), evaluate: () => ({ kind: 'allow', reasons: [] }) as const });
  return { ...backends, policy: { ...backends.policy, current } };
}
