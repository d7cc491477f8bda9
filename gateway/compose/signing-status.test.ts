import { describe, expect, it } from 'vitest';
import { GOOD, useConfigFolder } from '../config/testing/config-folder.ts';
import { usersIn } from './signing-status.ts';

const { loaded } = useConfigFolder();

describe('who uses a signer or a relayer', () => {
  it('is each wallet that names it, and each that is paid for with it or reaches it through another', async () => {
    const terms = "max_per_transaction: '1 SOL', per_agent_per_day: '1 SOL', per_day: '1 SOL'";
    const config = GOOD.replace(
      'relayers:\n',
      `  - { name: gas-key, type: local-keypair, keystore_file: other.json, passphrase_file: passphrase }
  - { name: spare, type: local-keypair, keystore_file: cert.pem, passphrase_file: passphrase }
relayers:
  - { name: other-node, type: rpc, url: 'http://127.0.0.1:8898' }
  - { name: gas, type: sponsor, signer: gas-key, relayer: other-node, ${terms} }
`,
    );
    const wallet = '  - { id: paid, signer: spare, relayer: gas, relayer_fallbacks: [] }\n';
    const { wallets, relayers } = await loaded(`${config}${wallet}`);
    const made = { id: 'agent-7', signers: ['agents/agent-7'], relayers: ['gas'] };
    const walletsOf = usersIn({ relayers }, () => [...wallets, made]);
    expect(walletsOf('signer', 'agents/agent-7')).toEqual(['agent-7']);
    expect(walletsOf('signer', 'main')).toEqual(['treasury']);
    expect(walletsOf('signer', 'gas-key')).toEqual(['paid', 'agent-7']);
    expect(walletsOf('relayer', 'gas')).toEqual(['paid', 'agent-7']);
    expect(walletsOf('relayer', 'other-node')).toEqual(['paid', 'agent-7']);
    expect(walletsOf('relayer', 'node')).toEqual(['treasury']);
  });
});
