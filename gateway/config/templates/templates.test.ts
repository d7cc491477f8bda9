import { describe, expect, it } from 'vitest';
import { GOOD, useConfigFolder } from '../testing/config-folder.ts';

const { loaded, problems } = useConfigFolder();

const template = (name: string, more = '') =>
  `  - { name: ${name}, type: local-keypair, relayer: node, signer: { passphrase_file: passphrase }${more} }\n`;
const withTemplates = (...entries: readonly string[]) => `${GOOD}wallet_templates:\n${entries.join('')}`;

describe('wallet_templates', () => {
  it('has one entry a template, of the type that it names', async () => {
    const { walletTemplates } = await loaded(withTemplates(template('agents', ', max_wallets: 7'), template('others')));
    expect(walletTemplates).toMatchObject([
      { kind: 'local-keypair', terms: { name: 'agents', relayers: ['node'], maxWallets: 7 } },
      { kind: 'local-keypair', terms: { name: 'others' } },
    ]);
  });

  it('may be all that there is: wallets and signers need not be named one by one', async () => {
    const text = GOOD.replace(/signers:.*?(?=relayers:)/s, '').replace(/wallets:.*/s, '');
    const config = await loaded(`${text}wallet_templates:\n${template('agents')}`);
    expect([config.wallets, config.signers]).toEqual([[], []]);
    expect(await problems(text)).toEqual([
      'file: wallets: needs at least one wallet, or a template in wallet_templates to make wallets from',
    ]);
  });

  it('is told what is wrong with it, by line', async () => {
    const [type] = await problems(withTemplates(template('agents').replace('local-keypair', 'crossmint')));
    expect(type).toContain('wallet_templates[0].type: must be aws-kms, fireblocks, gcp-kms, local-keypair, privy,');
    const [relayer] = await problems(withTemplates(template('agents').replace('relayer: node', 'relayer: nod')));
    expect(relayer).toContain('wallet_templates[0].relayer: there is no relayer nod; there are node');
    const twice = withTemplates(template('agents'), template('agents', ', relayer_fallbacks: [node]'));
    const [names, fallbacks] = await problems(twice);
    expect(names).toContain('wallet_templates[1].name: is that of wallet_templates[0] too; it must be of one only');
    expect(fallbacks).toContain('wallet_templates[1].relayer_fallbacks[0]: names node twice');
  });

  it('does not stop the gateway where a secret of one is not there', async () => {
    const { walletTemplates } = await loaded(
      withTemplates(template('agents').replace('passphrase_file: passphrase', 'passphrase_file: gone'), template('ok')),
    );
    expect(walletTemplates).toMatchObject([
      { kind: 'lacking', backend: 'local-keypair', field: 'signer.passphrase_file', terms: { name: 'agents' } },
      { kind: 'local-keypair', terms: { name: 'ok' } },
    ]);
  });
});
