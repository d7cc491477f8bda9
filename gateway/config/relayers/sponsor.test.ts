import { describe, expect, it } from 'vitest';
import { GOOD, useConfigFolder } from '../testing/config-folder.ts';

const { loaded, problems } = useConfigFolder();

const MINT = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v';
const TERMS = 'signer: gas, relayer: node, max_per_transaction: 0.01 SOL, per_agent_per_day: 1 SOL, per_day: 2 SOL';

/** The sponsor is `relayers[1]`; the wallet is sent for by it. */
function withSponsor(terms = TERMS, more = ''): string {
  return GOOD.replace(
    'relayers:\n',
    '  - { name: gas, type: local-keypair, keystore_file: other.json, passphrase_file: passphrase }\nrelayers:\n',
  )
    .replace('wallets:\n', `  - { name: station, type: sponsor, ${terms}${more} }\nwallets:\n`)
    .replace('relayer: node }\n', 'relayer: station }\n');
}

describe('the entry of a sponsor', () => {
  it('has amounts in lamports, or in SOL as policies write them, to the last digit', async () => {
    const { relayers, wallets } = await loaded(
      withSponsor(
        'signer: gas, relayer: node, max_per_transaction: 5000, per_agent_per_day: "7000", per_day: 18000000000.000000001 SOL',
        `, account_rent: associated_token_accounts, payment: { mint: ${MINT}, to: ${MINT}, price: { base_units: 3, lamports: 0.000001 SOL } }`,
      ),
    );
    expect(relayers[1]).toEqual({
      kind: 'sponsor',
      name: 'station',
      signer: 'gas',
      sender: 'node',
      maxPerTransaction: 5000n,
      perAgentPerDay: 7000n,
      perDay: 18_000_000_000_000_000_001n,
      accountRent: 'associated_token_accounts',
      payment: { mint: MINT, to: MINT, price: { baseUnits: 3n, lamports: 1000n } },
      alertBelow: 1n,
    });
    expect(wallets).toMatchObject([{ relayers: ['station'] }]);
  });

  it.each<[string, string, string]>([
    [
      'an amount of another unit',
      TERMS.replace('2 SOL', '2 USDC'),
      'relayers[1].per_day: "2 USDC": there is no asset USDC (only SOL is known here)',
    ],
    [
      'SOL in other letters',
      TERMS.replace('2 SOL', '2 sol'),
      'relayers[1].per_day: "2 sol": there is no asset sol; is it SOL? (only SOL is known here)',
    ],
    ['a fraction of a lamport', TERMS.replace('0.01 SOL', '0.0000000001 SOL'), 'SOL has 9'],
    ['a float', TERMS.replace('0.01 SOL', '0.5'), 'relayers[1].max_per_transaction: must be a whole number'],
    ['a float as text', TERMS.replace('0.01 SOL', '"0.5"'), 'relayers[1].max_per_transaction: must be a whole number'],
    ['none', TERMS.replace('max_per_transaction: 0.01 SOL, ', ''), 'is missing: must be a whole number, as 5000'],
    ['less than nothing', TERMS.replace('0.01 SOL', '"-1"'), 'relayers[1].max_per_transaction: must be a whole number'],
    ['nothing', TERMS.replace('0.01 SOL', '0'), 'relayers[1].max_per_transaction: must be more than nothing'],
    [
      'more for one agent than for all',
      TERMS.replace(': 1 SOL', ': 3 SOL'),
      'relayers[1].per_agent_per_day: is 3000000000 lamports',
    ],
    [
      'more for one than in a day',
      TERMS.replace('0.01 SOL', '1.5 SOL'),
      'relayers[1].max_per_transaction: is 1500000000 lamports',
    ],
    [
      'a price of nothing',
      `${TERMS}, payment: { mint: ${MINT}, to: ${MINT}, price: { base_units: 1, lamports: 0 } }`,
      'payment.price.lamports: must be more',
    ],
    [
      'a token account that is none',
      `${TERMS}, payment: { mint: ${MINT}, to: ${'z'.repeat(44)}, price: { base_units: 1, lamports: 1 } }`,
      'payment.to: must be the base58 of 32 bytes',
    ],
    [
      'a signer that is not there',
      TERMS.replace('gas', 'gone'),
      'relayers[1].signer: there is no signer gone; there are main, gas',
    ],
    ['the key of a wallet', TERMS.replace('gas', 'main'), 'relayers[1].signer: main signs for the wallet treasury'],
    [
      'itself as the one that sends',
      TERMS.replace('relayer: node', 'relayer: station'),
      'relayers[1].relayer: station does not send by itself',
    ],
    [
      'a key that is cut short',
      TERMS.replace('max_per_transaction', 'max_per_tx'),
      'relayers[1].max_per_tx: unknown key; did you mean max_per_transaction?',
    ],
    ['no budget', TERMS.replace(', per_day: 2 SOL', ''), 'relayers[1].per_day'],
  ])('with %s is refused', async (_what, terms, expected) => {
    expect((await problems(withSponsor(terms))).join('\n')).toContain(expected);
  });

  it('shares its key with no other', async () => {
    const two = withSponsor().replace('wallets:\n', `  - { name: second, type: sponsor, ${TERMS} }\nwallets:\n`);
    expect((await problems(two)).join('\n')).toContain('relayers[2].signer: is that of relayers[1] too');
  });
});
