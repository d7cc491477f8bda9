import { AccountRole, getTransactionDecoder, lamports } from '@solana/kit';
import { FailedTransactionMetadata, LiteSVM } from 'litesvm';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeLegacy } from '../../../../../test/differential/corpus.ts';
import { keyAddress } from '../../testing/wire-builder.ts';
import { TOKEN_2022_PROGRAM } from '../program-ids.ts';
import { TOKEN_2022 } from './token-2022.ts';

const PAYER = keyAddress(1);
const svm = new LiteSVM().withSigverify(false).withTransactionHistory(0n);
const ACCOUNTS = Array.from({ length: 12 }, (_, i) => keyAddress(100 + i));

const NOT_ENOUGH_ACCOUNTS = /NotEnoughAccountKeys/;
const UNREADABLE = /InvalidInstructionData|Invalid instruction/;

/** The program looks at an account before it takes the last one, so that it is refused for something else. */
const REFUSED_BEFORE = [
  'configure_confidential_transfer_account',
  'empty_confidential_transfer_account',
  'confidential_withdraw',
  'confidential_transfer',
  'confidential_transfer_with_fee',
  'withdraw_withheld_tokens_from_mint_for_confidential_transfer_fee',
  'withdraw_withheld_tokens_from_accounts_for_confidential_transfer_fee',
  'rotate_supply_elgamal_pubkey',
  'update_confidential_mint_burn_decryptable_supply',
  'confidential_mint',
  'confidential_burn',
  'permissioned_confidential_burn',
  'apply_confidential_pending_burn',
];

const { batch: _, ...SINGLE } = TOKEN_2022.instructions;
const NAMES = Object.keys(SINGLE);
const WITH_ARGUMENTS = NAMES.filter((name) => SINGLE[name]?.arguments !== undefined);

describe('Token-2022 on LiteSVM', () => {
  beforeAll(() => {
    svm.airdrop(PAYER, lamports(100_000_000_000n));
  });

  it.each(NAMES)('reads %s with as many accounts and bytes as are needed here, and no less', (name) => {
    const { data, count } = shortest(name);
    expect(execute(data, count)).not.toMatch(NOT_ENOUGH_ACCOUNTS);
    expect(execute(data, count)).not.toMatch(UNREADABLE);
    if (!REFUSED_BEFORE.includes(name)) expect(execute(data, count - 1)).toMatch(NOT_ENOUGH_ACCOUNTS);
  });

  it.each(WITH_ARGUMENTS)('does not read %s with a byte less', (name) => {
    const { data, count } = shortest(name);
    expect(execute(data.subarray(0, -1), count)).toMatch(UNREADABLE);
  });
});

/** The least that is known here. Bytes of ones, so that options are some; zeros where ones are lengths of texts. */
function shortest(name: string): { readonly data: Uint8Array; readonly count: number } {
  const layout = SINGLE[name];
  if (layout === undefined) throw new Error(`${name} is not in the table`);
  const head = layout.discriminator ?? [layout.opcode, layout.subOpcode].filter((byte) => byte !== undefined);
  for (const filler of [1, 0]) {
    for (let length = head.length; length < 300; length++) {
      const data = new Uint8Array(length).fill(filler);
      data.set(head);
      const count = ACCOUNTS.findIndex((_account, i) => isKnown(data, i));
      if (count > -1) return { data, count };
    }
  }
  throw new Error(`${name} is not known with any data`);
}

function isKnown(data: Uint8Array, count: number): boolean {
  const accounts = ACCOUNTS.slice(0, count).map((address) => ({ address, signer: false, writable: true }));
  return TOKEN_2022.decode({ index: 0, program: TOKEN_2022_PROGRAM, accounts, data }).kind === 'known';
}

/** What the program says of it, its accounts being empty ones of its own. */
function execute(data: Uint8Array, count: number): string {
  const accounts = ACCOUNTS.slice(0, count).map((address) => ({ address, role: AccountRole.WRITABLE }));
  for (const { address } of accounts) {
    const empty = { address, programAddress: TOKEN_2022_PROGRAM, executable: false, space: 400n };
    svm.setAccount({ ...empty, data: new Uint8Array(400), lamports: lamports(1_000_000_000n) });
  }
  svm.expireBlockhash();
  const instruction = { programAddress: TOKEN_2022_PROGRAM, accounts, data };
  const wire = encodeLegacy(PAYER, svm.latestBlockhash(), [instruction]);
  const result = svm.sendTransaction(getTransactionDecoder().decode(wire));
  const metadata = result instanceof FailedTransactionMetadata ? result.meta() : result;
  return metadata.logs().join('\n');
}
