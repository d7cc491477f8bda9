// Owns the exchanges with a Kora that are recorded: what is asked, in which state of the chain, and how an answer is compared.
import { randomBytes } from 'node:crypto';
import { getSetComputeUnitLimitInstruction, getSetComputeUnitPriceInstruction } from '@solana-program/compute-budget';
import { MEMO_PROGRAM_ADDRESS } from '@solana-program/memo';
import { encodeBase58 } from '../../relayer/base58.ts';
import {
  addressOf,
  type CallDraft,
  FEE_PAYER,
  type KoraRequest,
  koraRequest,
  transfer,
  unsigned,
  WALLET,
} from './scene.ts';

export interface KoraReply {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: string;
}

export interface Exchange {
  readonly name: string;
  /** Unix milliseconds at which it was asked. */
  readonly at: number;
  /** What the simulation of its transaction failed with, in the words of the node; `null`: it did not, or there was none. */
  readonly simulation: string | null;
  readonly request: KoraRequest;
  readonly reply: KoraReply;
}

export interface ExchangeCase {
  readonly name: string;
  readonly simulation?: string;
  readonly call: (now: { readonly blockhash: string; readonly at: number }) => CallDraft;
}

const STRANGER = addressOf(new Uint8Array(32).fill(104));

function signing(draft: Parameters<typeof unsigned>[0], at: number, signer = FEE_PAYER): CallDraft {
  const transaction = Buffer.from(unsigned(draft).wire).toString('base64');
  return { at, method: 'signTransaction', params: { transaction, signer_key: signer, sig_verify: false } };
}

/** The memo program's newest address, which examples/kora/kora.toml does not allow. */
const memo = { programAddress: MEMO_PROGRAM_ADDRESS, data: Uint8Array.from(Buffer.from('memo')) };

/** In this state of the chain: the fee payer has SOL, the wallet has 1 SOL, and the recipient exists. */
export const CASES: readonly ExchangeCase[] = [
  {
    name: 'it lives, whoever asks',
    call: ({ at }) => ({ at, method: 'liveness', params: [], apiKey: null, hmacSecret: null }),
  },
  { name: 'it tells who pays', call: ({ at }) => ({ at, method: 'getPayerSigner', params: [] }) },
  { name: 'it shows its configuration', call: ({ at }) => ({ at, method: 'getConfig', params: [] }) },
  { name: 'without an API key', call: ({ at }) => ({ at, method: 'getPayerSigner', params: [], apiKey: null }) },
  { name: 'with another API key', call: ({ at }) => ({ at, method: 'getPayerSigner', params: [], apiKey: 'other' }) },
  { name: 'without an HMAC', call: ({ at }) => ({ at, method: 'getPayerSigner', params: [], hmacSecret: null }) },
  {
    name: 'with the HMAC of another secret',
    call: ({ at }) => ({ at, method: 'getPayerSigner', params: [], hmacSecret: 'other' }),
  },
  {
    name: 'with a timestamp 290 s old',
    call: ({ at }) => ({ at: at - 290_000, method: 'getPayerSigner', params: [] }),
  },
  {
    name: 'with a timestamp 310 s old',
    call: ({ at }) => ({ at: at - 310_000, method: 'getPayerSigner', params: [] }),
  },
  {
    name: 'with a timestamp 310 s ahead',
    call: ({ at }) => ({ at: at + 310_000, method: 'getPayerSigner', params: [] }),
  },
  { name: 'a method that is not enabled', call: ({ at }) => ({ at, method: 'signAndSendTransaction', params: {} }) },
  { name: 'a method that is not known', call: ({ at }) => ({ at, method: 'payForEverything', params: [] }) },
  { name: 'no transaction', call: ({ at }) => ({ at, method: 'signTransaction', params: {} }) },
  { name: 'no base64', call: ({ at }) => ({ at, method: 'signTransaction', params: { transaction: '%%%' } }) },
  {
    name: 'a transaction cut off',
    call: ({ at }) => ({ at, method: 'signTransaction', params: { transaction: 'AQID' } }),
  },
  {
    name: 'a transfer of version 0',
    call: ({ at, blockhash }) => signing({ blockhash, instructions: [transfer(1n)] }, at),
  },
  {
    name: 'a legacy transfer',
    call: ({ at, blockhash }) => signing({ blockhash, instructions: [transfer(1n)], version: 'legacy' }, at),
  },
  {
    name: 'a signer that it has not',
    call: ({ at, blockhash }) => signing({ blockhash, instructions: [transfer(1n)] }, at, STRANGER),
  },
  {
    name: 'a transaction that another one pays for',
    call: ({ at, blockhash }) => signing({ blockhash, instructions: [transfer(1n)], feePayer: WALLET }, at),
  },
  {
    name: 'a program that is not allowed',
    call: ({ at, blockhash }) => signing({ blockhash, instructions: [transfer(1n), memo] }, at),
  },
  {
    name: 'the fee payer as a sender',
    call: ({ at, blockhash }) => signing({ blockhash, instructions: [transfer(1n, FEE_PAYER)] }, at),
  },
  {
    name: 'the fee payer as the sender of much',
    call: ({ at, blockhash }) => signing({ blockhash, instructions: [transfer(100_001n, FEE_PAYER)] }, at),
  },
  {
    name: 'three signatures',
    call: ({ at, blockhash }) => signing({ blockhash, instructions: [transfer(1n), transfer(0n, STRANGER)] }, at),
  },
  {
    name: 'a high fee',
    call: ({ at, blockhash }) => {
      const limit = getSetComputeUnitLimitInstruction({ units: 100_000 });
      const price = getSetComputeUnitPriceInstruction({ microLamports: 1_000_000n });
      return signing({ blockhash, instructions: [limit, price, transfer(1n)] }, at);
    },
  },
  {
    name: 'an unknown blockhash',
    simulation: 'Blockhash not found',
    call: ({ at }) => signing({ blockhash: encodeBase58(randomBytes(32)), instructions: [transfer(1n)] }, at),
  },
  {
    name: 'more than the wallet has',
    simulation: 'Error processing Instruction 0: custom program error: 0x1',
    call: ({ at, blockhash }) => signing({ blockhash, instructions: [transfer(10n ** 15n)] }, at),
  },
  {
    name: 'a fee payer without SOL',
    simulation: 'Attempt to debit an account but found no record of a prior credit.',
    call: ({ at, blockhash }) => signing({ blockhash, instructions: [transfer(1n)], feePayer: STRANGER }, at),
  },
];

export async function ask(url: string, { headers, body }: KoraRequest): Promise<KoraReply> {
  const response = await fetch(url, { method: 'POST', headers, body });
  return { status: response.status, contentType: response.headers.get('content-type'), body: await response.text() };
}

/** Asks everything once. */
export async function exchangeAll(url: string, blockhash: () => Promise<string>): Promise<readonly Exchange[]> {
  const exchanges: Exchange[] = [];
  for (const { name, simulation = null, call } of CASES) {
    const at = Date.now();
    const request = koraRequest(call({ blockhash: await blockhash(), at }));
    exchanges.push({ name, at, simulation, request, reply: await ask(url, request) });
  }
  return exchanges;
}
