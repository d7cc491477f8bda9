import { readFile, writeFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { secretSource } from '../compose/secret-source.ts';
import type { Config } from './config.ts';
import { GOOD, PASSPHRASE, useConfigFolder } from './testing/config-folder.ts';

const { path, loaded, problems } = useConfigFolder();

describe('loadConfig', () => {
  it('loads a small file, with defaults for the rest and paths made absolute', async () => {
    expect(await loaded(GOOD)).toMatchObject({
      file: path('countersign.yaml'),
      dataPlane: { address: '127.0.0.1:50051', tls: null },
      controlPlane: { address: '127.0.0.1:50052', tls: null },
      http: { address: '127.0.0.1:9464' },
      database: { kind: 'embedded', dataDirectory: path('data') },
      chain: { timeoutMs: 5000 },
      simulation: { mode: 'when_needed', timeoutMs: 2_000 },
      policy: { source: { kind: 'directory', path: path('bundle') }, signatures: { keys: [], allowUnsigned: true } },
      signers: [{ kind: 'local-keypair', name: 'main', keystoreFile: path('main.json'), allowMainnet: false }],
      relayers: [{ kind: 'rpc', name: 'node', skipPreflight: false }],
      wallets: [{ id: 'treasury', signers: ['main'], relayers: ['node'] }],
      limits: { maxRequestBytes: 131_072, requestTimeoutMs: 30_000, signerTimeoutMs: 5_000, maxInFlight: 2_048 },
      bootstrap: null,
      retention: { requestsDays: null, sessionKeysDays: 30 },
      log: { level: 'info' },
      shutdownGraceMs: 10_000,
    });
  });

  it('takes a second node that the first must agree with, from the file or from a file of its own', async () => {
    expect((await loaded(GOOD)).chain.verifyRpcUrl).toBeNull();
    const second = async (line: string, env = {}) =>
      (await loaded(GOOD.replace('chain:', `chain:\n  ${line}`), env)).chain.verifyRpcUrl?.reveal();
    expect(await second('verify_rpc_url: https://api.devnet.solana.com')).toBe('https://api.devnet.solana.com');
    await writeFile(path('second-node'), 'https://node.example/?api-key=hidden\n', { mode: 0o600 });
    expect(await second('verify_rpc_url_file: second-node')).toBe('https://node.example/?api-key=hidden');
    const url = 'https://node.example/?api-key=hidden';
    expect((await loaded(GOOD, { COUNTERSIGN_CHAIN_VERIFY_RPC_URL: url })).chain.verifyRpcUrl?.reveal()).toBe(url);
  });

  it('refuses a second node that is the first, is no URL, or holds a secret in the file', async () => {
    const wrong = async (line: string) => (await problems(GOOD.replace('chain:', `chain:\n  ${line}`)))[0];
    expect(await wrong('verify_rpc_url: http://127.0.0.1:8899/other')).toMatch(/verify_rpc_url: is at the host of/);
    expect(await wrong('verify_rpc_url: ftp://node')).toMatch(/verify_rpc_url: is not a URL of the kind/);
    expect(await wrong('verify_rpc_url: https://node.example/?api-key=hidden')).toMatch(/seems to hold a secret/);
    expect(await wrong('verify_rpc_url: https://node.example\n  verify_rpc_url_file: x')).toMatch(/not both/);
  });

  it('reads when to simulate; `off` is a word like the others', async () => {
    expect(await loaded(`${GOOD}simulation: { mode: off, timeout_ms: 700 }\n`)).toMatchObject({
      simulation: { mode: 'off', timeoutMs: 700 },
    });
    expect(await loaded(GOOD, { COUNTERSIGN_SIMULATION_MODE: 'always' })).toMatchObject({
      simulation: { mode: 'always', timeoutMs: 2_000 },
    });
    expect((await problems(`${GOOD}simulation: { mode: sometimes }\n`))[0]).toMatch(/simulation\.mode/);
  });

  it('reads what operators decide above the policy; a gateway signs unless it is told to read only', async () => {
    expect(await loaded(GOOD)).toMatchObject({
      readOnly: false,
      controls: { unfreezeQuorum: 1, walletQuorum: 2, forbid: [] },
    });
    const text = `${GOOD}read_only: true\ncontrols: { unfreeze_quorum: 3, wallet_quorum: 10, forbid: [durable_nonce, any_delegate] }\n`;
    expect(await loaded(text)).toMatchObject({
      readOnly: true,
      controls: { unfreezeQuorum: 3, walletQuorum: 10, forbid: ['durable_nonce', 'any_delegate'] },
    });
    expect(await loaded(text, { COUNTERSIGN_READ_ONLY: 'false' })).toMatchObject({ readOnly: false });
    expect((await problems(`${GOOD}controls: { unfreeze_quorum: 0 }\n`))[0]).toMatch(/controls\.unfreeze_quorum/);
    for (const quorum of [0, 11]) {
      expect((await problems(`${GOOD}controls: { wallet_quorum: ${quorum} }\n`))[0]).toMatch(/controls\.wallet_quorum/);
    }
    expect((await problems(`${GOOD}controls: { forbid: [durable_nonces] }\n`))[0]).toMatch(/durable_nonce/);
    expect((await problems(`${GOOD}controls: { forbid: [wallet_given_away] }\n`))[0]).toMatch(/controls\.forbid/);
    expect((await problems(`${GOOD}controls: { allow: [wallet_given_away] }\n`))[0]).toMatch(/controls/);
  });

  it('reads the passphrase from its file, without the line break, or from the variable that is named', async () => {
    const passphraseOf = async ({ signers: [signer] }: Config) =>
      signer?.kind === 'local-keypair' ? secretSource(signer.passphrase)() : null;
    expect(await passphraseOf(await loaded(GOOD))).toBe(PASSPHRASE);
    const byVariable = GOOD.replace('passphrase_file: passphrase', 'passphrase_env: WALLET_PASSPHRASE');
    expect(await passphraseOf(await loaded(byVariable, { WALLET_PASSPHRASE: 'from there' }))).toBe('from there');
  });

  it('shows no secret when the configuration is printed', async () => {
    const text = GOOD.replace(/database:\n.*\n/, '');
    const config = await loaded(text, { DATABASE_URL: 'postgres://u:hidden-word@localhost/db' });
    const [signer] = config.signers;
    const passphrase = signer?.kind === 'local-keypair' ? signer.passphrase : null;
    const shown = `${inspect(config, { depth: 10, showHidden: true })} ${JSON.stringify(config)} ${passphrase}`;
    expect(shown).not.toContain(PASSPHRASE);
    expect(shown).not.toContain('hidden-word');
    expect(shown).toContain('[secret]');
  });
});

describe('deploy/countersign.example.yaml', () => {
  it('lacks nothing but the files that it names', async () => {
    const example = new URL('../../deploy/countersign.example.yaml', import.meta.url);
    const found = await problems(await readFile(example, 'utf8'));
    expect(found.map((problem) => problem.replace(/^[^ ]+ ([^:]+): .*(ENOENT).*$/, '$1 $2'))).toEqual([
      'policy.source.path ENOENT',
      'signers[0].keystore_file ENOENT',
      'signers[0].passphrase_file ENOENT',
    ]);
  });
});

describe('what the environment says', () => {
  it('takes the place of what the file says', async () => {
    const env = {
      COUNTERSIGN_DATA_PLANE_ADDRESS: '127.0.0.1:0',
      COUNTERSIGN_LIMITS_MAX_IN_FLIGHT: '7',
      COUNTERSIGN_LOG_LEVEL: 'debug',
      COUNTERSIGN_SHUTDOWN_GRACE_MS: '',
    };
    expect(await loaded(GOOD, env)).toMatchObject({
      dataPlane: { address: '127.0.0.1:0' },
      limits: { maxInFlight: 7 },
      log: { level: 'debug' },
      shutdownGraceMs: 10_000,
    });
  });

  it('may hold secrets, and puts the file of the same secret out of force', async () => {
    const text = GOOD.replace('rpc_url: http://127.0.0.1:8899', 'rpc_url_file: missing');
    const config = await loaded(text, { COUNTERSIGN_CHAIN_RPC_URL: 'https://node.example/?key=word' });
    expect(config.chain.endpoints.map(({ url }) => url.reveal())).toEqual(['https://node.example/?key=word']);
  });

  it.each(['DATABASE_URL', 'COUNTERSIGN_DATABASE_URL'])('names the database by %s', async (variable) => {
    const text = GOOD.replace(/database:\n.*\n/, '');
    const { database } = await loaded(text, { [variable]: 'postgres://u:p@localhost/db' });
    expect(database.kind === 'url' && database.url.reveal()).toBe('postgres://u:p@localhost/db');
  });

  it('reads several servers, and how long a database may take', async () => {
    const url = 'postgres://u@a:1,b:2/n?target_session_attrs=read-write&sslmode=verify-full';
    const section = `database:\n  url: "${url}"\n  pool_size: 20\n  connect_timeout_ms: 700\n  statement_timeout_ms: 900\n  lock_timeout_ms: 800\n`;
    const { database } = await loaded(GOOD.replace(/database:\n.*\n/, section));
    expect(database.kind === 'url' && database.url.reveal()).toBe(url);
    expect(database.limits).toEqual({
      poolSize: 20,
      connectTimeoutMs: 700,
      statementTimeoutMs: 900,
      lockTimeoutMs: 800,
    });
  });

  it('does not silently move an embedded database to DATABASE_URL', async () => {
    expect(await problems(GOOD, { DATABASE_URL: 'postgres://localhost/another-project' })).toEqual([
      'file: DATABASE_URL: names a Postgres, but the file asks for an embedded one (database.embedded); take one of the two away',
    ]);
  });

  it('is refused by its own name where it is wrong', async () => {
    const env = {
      COUNTERSIGN_LIMITS_MAX_IN_FLIGHT: '1e3',
      COUNTERSIGN_LOG_LEVEL: 'loud',
      COUNTERSIGN_HTTP_ALLOW_REMOTE: 'yes',
      COUNTERSIGN_LOG_LEVLE: 'info',
      COUNTERSIGN_SERVICE_HOST: '10.0.0.1',
    };
    expect(await problems(GOOD, env)).toEqual([
      'file: COUNTERSIGN_LOG_LEVLE: unknown environment variable; did you mean COUNTERSIGN_LOG_LEVEL?',
      'file: COUNTERSIGN_HTTP_ALLOW_REMOTE: must be true or false; it is text',
      'file: COUNTERSIGN_LIMITS_MAX_IN_FLIGHT: must be an integer; it is text',
      'file: COUNTERSIGN_LOG_LEVEL: must be one of fatal, error, warn, info, debug, trace',
    ]);
  });
});
