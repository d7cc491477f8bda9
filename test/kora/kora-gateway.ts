// Owns a gateway with a wallet that has tokens and not one lamport, whose fees a Kora pays.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Address, address, createNoopSigner, type Instruction } from '@solana/kit';
import { getTransferCheckedInstruction } from '@solana-program/token';
import type { Connection } from '../../gateway/cli/connection.ts';
import { buildBundle } from '../../gateway/policy/build/build-bundle.ts';
import { AuditService } from '../../proto/gen/countersign/v1/audit_pb.ts';
import { SigningService, WaitFor } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { airdrop } from '../../relayer/localnet/confirmed-sends.ts';
import { createTestToken } from '../../relayer/localnet/test-token.ts';
import { developmentKeys } from '../../scripts/dev/keys.ts';
import { developmentPolicyData } from '../../scripts/dev/policy-data.ts';
import { createKeystore } from '../../signers/local-keypair/create-keystore.ts';
import { tokenAccount, wireTransaction } from '../../tour/transactions.ts';
import { balancesOf } from '../integration/agent-calls.ts';
import { startTestGateway, type TestGateway } from '../integration/gateway-fixture.ts';
import { API_KEY, FEE_PAYER, HMAC_SECRET } from './scene.ts';

export const WALLET_ID = 'thrifty';
const SCRYPT_COST = 2 ** 14;
const TOKENS = 100_000_000n;

/** A Kora that takes API_KEY and HMAC_SECRET, and pays by FEE_PAYER. */
export interface StartedKora {
  readonly url: string;
  fall(): Promise<void>;
  rise(): Promise<void>;
  close(): Promise<void>;
}

export interface KoraGateway {
  readonly gateway: TestGateway;
  readonly kora: StartedKora;
  /** It may use the wallet. */
  readonly agent: Connection;
  readonly wallet: Address;
  /** What ListWallets says of the wallet; empty: nobody yet. */
  feePayer(): Promise<string>;
  /** Sends tokens of the wallet to the recipient, and waits until that is confirmed; the Kora pays. */
  pay(amount: bigint, ...besides: readonly Instruction[]): Promise<string | undefined>;
  /** Of wallet, recipient and fee payer. */
  balances(): Promise<
    Record<'wallet' | 'recipient' | 'feePayer', { readonly lamports: bigint; readonly tokens: bigint }>
  >;
  /** Facts of the newest audit record of this kind. */
  lastFacts(kind: string): Promise<Readonly<Record<string, unknown>>>;
  stop(): Promise<void>;
}

/** `startKora`: with the URL of the cluster's RPC. */
export async function startKoraGateway(startKora: (rpcUrl: string) => Promise<StartedKora>): Promise<KoraGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-kora-'));
  const secrets = await writeSecrets(folder);
  const wallet = address((await createKeystore({ ...secrets.keystore, scryptCost: SCRYPT_COST })).address);
  let kora: StartedKora | undefined;
  const gateway = await startTestGateway({
    config: async (given) => {
      const [rpc] = given.relayers;
      kora = await startKora(String(rpc?.url));
      const data = policyData(given.recipient, given.mint);
      await buildBundle({ data, outDir: join(folder, 'bundle') });
      return {
        policy: { source: { type: 'directory', path: join(folder, 'bundle') }, signatures: { allow_unsigned: true } },
        signers: [...given.signers, { name: 'thrifty-key', type: 'local-keypair', ...secrets.signer }],
        relayers: [
          ...given.relayers,
          { name: 'kora', type: 'kora', urls: [kora.url], relayer: 'local', ...secrets.credentials },
        ],
        wallets: [...given.wallets, { id: WALLET_ID, signer: 'thrifty-key', relayer: 'kora' }],
      };
    },
  });
  if (kora === undefined) throw new Error('no Kora was started');
  const { environment } = gateway;
  const { token, recipient, localnet } = environment;
  const keys = await developmentKeys(environment.directory);
  await airdrop(localnet.rpcUrl, FEE_PAYER, 1_000_000_000n);
  await createTestToken(localnet.rpcUrl, { ...keys, owner: wallet, amount: TOKENS, decimals: token.decimals });
  const agent = await gateway.newAgent('saver', [WALLET_ID]);
  return { gateway, agent, wallet, ...callsOf(gateway, agent, wallet, recipient), ...stopping(gateway, kora, folder) };
}

function stopping(gateway: TestGateway, kora: StartedKora, folder: string): Pick<KoraGateway, 'kora' | 'stop'> {
  const stop = async (): Promise<void> => {
    await gateway.stop();
    await kora.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { kora, stop };
}

function callsOf(
  gateway: TestGateway,
  agent: Connection,
  wallet: Address,
  recipient: Address,
): Pick<KoraGateway, 'feePayer' | 'pay' | 'balances' | 'lastFacts'> {
  const { token } = gateway.environment;
  const feePayer = async (): Promise<string> => {
    const { wallets } = await agent.unary(SigningService.method.listWallets, {});
    return wallets.find((each) => each.wallet === WALLET_ID)?.feePayer ?? '';
  };
  return {
    feePayer,
    pay: async (amount, ...besides) => {
      const transfer = getTransferCheckedInstruction({
        source: await tokenAccount(wallet, token.address),
        destination: await tokenAccount(recipient, token.address),
        mint: token.address,
        authority: createNoopSigner(wallet),
        amount,
        decimals: token.decimals,
      });
      const transaction = wireTransaction(FEE_PAYER, [...besides, transfer]);
      const ask = { wallet: WALLET_ID, transaction, setFreshBlockhash: true, waitFor: WaitFor.CONFIRMED };
      return (await agent.unary(SigningService.method.signAndSendTransaction, ask)).outcome.case;
    },
    balances: async () => {
      const [of, to, payer] = await Promise.all(
        [wallet, recipient, FEE_PAYER].map((owner) => balancesOf(gateway, owner)),
      );
      if (of === undefined || to === undefined || payer === undefined) throw new Error('a balance is missing');
      return { wallet: of, recipient: to, feePayer: payer };
    },
    lastFacts: async (kind) => {
      const head = await gateway.environment.gateway.backends.state.audit.head();
      for (let sequence = head?.sequence ?? 0n; sequence > 0n; sequence--) {
        const { record } = await gateway.operator.unary(AuditService.method.getAuditRecord, { sequence });
        const body = JSON.parse(Buffer.from(record?.body ?? []).toString());
        if (body.kind === kind) return body.facts;
      }
      throw new Error(`there is no record of the kind ${kind}`);
    },
  };
}

/** The agent `saver` may do with the wallet what the development agent may with its own, at higher fees than the Kora pays. */
function policyData(recipient: Address, mint: Address) {
  const { agents } = developmentPolicyData({ recipient, mint });
  const [rules] = Object.values(agents).flatMap(({ wallets }) => Object.values(wallets));
  const fee_limit = { max_fee_lamports: 10_000_000n, max_rent_lamports: 5_000_000n };
  return { agents: { ...agents, saver: { wallets: { [WALLET_ID]: { ...rules, fee_limit } } } } };
}

async function writeSecrets(folder: string) {
  const write = async (name: string, text: string): Promise<string> => {
    const file = join(folder, name);
    await writeFile(file, `${text}\n`, { mode: 0o600 });
    return file;
  };
  const passphrase = randomBytes(24).toString('base64url');
  const path = join(folder, 'thrifty.keystore.json');
  const [passphrase_file, api_key_file, hmac_secret_file] = await Promise.all([
    write('passphrase', passphrase),
    write('api-key', API_KEY),
    write('hmac-secret', HMAC_SECRET),
  ]);
  return {
    keystore: { path, passphrase },
    signer: { keystore_file: path, passphrase_file },
    credentials: { api_key_file, hmac_secret_file },
  };
}
