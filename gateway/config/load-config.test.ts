import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from './config.ts';
import { type LoadedConfig, loadConfig } from './load-config.ts';
import { printProblem } from './problem.ts';

const PASSPHRASE = 'a passphrase that nobody may see';

const GOOD = `database:
  embedded: { data_directory: data }
chain:
  rpc_url: http://127.0.0.1:8899
policy:
  bundle_directory: bundle
signers:
  - name: main
    type: local-keypair
    keystore_file: main.json
    passphrase_file: passphrase
relayers:
  - { name: node, type: rpc, url: 'http://127.0.0.1:8899' }
wallets:
  - { id: treasury, signer: main, relayer: node }
`;

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-config-'));
  file = join(folder, 'countersign.yaml');
  await mkdir(join(folder, 'bundle'));
  await Promise.all(
    ['main.json', 'other.json', 'cert.pem', 'key.pem'].map((name) =>
      writeFile(join(folder, name), '', { mode: 0o600 }),
    ),
  );
  await writeFile(join(folder, 'passphrase'), `${PASSPHRASE}\n`, { mode: 0o600 });
  await writeFile(join(folder, 'open'), 'for all to see', { mode: 0o600 });
  await chmod(join(folder, 'open'), 0o644);
  await writeFile(join(folder, 'empty'), '\n', { mode: 0o600 });
});
afterAll(() => rm(folder, { recursive: true }));

async function load(text: string, env: Readonly<Record<string, string>> = {}): Promise<LoadedConfig> {
  await writeFile(file, text);
  return loadConfig({ file, env });
}

async function loaded(text: string, env?: Readonly<Record<string, string>>): Promise<Config> {
  const result = await load(text, env);
  if (result.kind === 'refused') throw new Error(result.problems.map((it) => printProblem('file', it)).join('\n'));
  return result.config;
}

/** One line a problem, as a person sees it. */
async function problems(text: string, env?: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const result = await load(text, env);
  return result.kind === 'loaded' ? [] : result.problems.map((problem) => printProblem('file', problem));
}

describe('loadConfig', () => {
  it('loads a small file, with defaults for the rest and paths made absolute', async () => {
    expect(await loaded(GOOD)).toMatchObject({
      file,
      dataPlane: { address: '127.0.0.1:50051', tls: null },
      controlPlane: { address: '127.0.0.1:50052', tls: null },
      http: { address: '127.0.0.1:9464' },
      database: { kind: 'embedded', dataDirectory: join(folder, 'data') },
      chain: { timeoutMs: 5000 },
      simulation: { mode: 'when_needed', timeoutMs: 2_000 },
      policy: { bundleDirectory: join(folder, 'bundle') },
      signers: [{ kind: 'local-keypair', name: 'main', keystoreFile: join(folder, 'main.json'), allowMainnet: false }],
      relayers: [{ kind: 'rpc', name: 'node', skipPreflight: false }],
      wallets: [{ id: 'treasury', signer: 'main', relayer: 'node' }],
      limits: { maxRequestBytes: 131_072, requestTimeoutMs: 30_000, signerTimeoutMs: 5_000, maxInFlight: 2_048 },
      bootstrap: null,
      log: { level: 'info' },
      shutdownGraceMs: 10_000,
    });
  });

  it('takes a second node that the first must agree with, from the file or from a file of its own', async () => {
    expect((await loaded(GOOD)).chain.verifyRpcUrl).toBeNull();
    const second = async (line: string, env = {}) =>
      (await loaded(GOOD.replace('chain:', `chain:\n  ${line}`), env)).chain.verifyRpcUrl?.reveal();
    expect(await second('verify_rpc_url: https://api.devnet.solana.com')).toBe('https://api.devnet.solana.com');
    await writeFile(join(folder, 'second-node'), 'https://node.example/?api-key=hidden\n', { mode: 0o600 });
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

  it('reads the passphrase from its file, without the line break, or from the variable that is named', async () => {
    const passphraseOf = (config: Config) => config.signers[0]?.passphrase.reveal();
    expect(passphraseOf(await loaded(GOOD))).toBe(PASSPHRASE);
    const byVariable = GOOD.replace('passphrase_file: passphrase', 'passphrase_env: WALLET_PASSPHRASE');
    expect(passphraseOf(await loaded(byVariable, { WALLET_PASSPHRASE: 'from there' }))).toBe('from there');
  });

  it('shows no secret when the configuration is printed', async () => {
    const text = GOOD.replace(/database:\n.*\n/, '');
    const config = await loaded(text, { DATABASE_URL: 'postgres://u:hidden-word@localhost/db' });
    const shown = `${inspect(config, { depth: 10, showHidden: true })} ${JSON.stringify(config)} ${config.signers[0]?.passphrase}`;
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
      'policy.bundle_directory ENOENT',
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
    expect(config.chain.rpcUrl.reveal()).toBe('https://node.example/?key=word');
  });

  it.each(['DATABASE_URL', 'COUNTERSIGN_DATABASE_URL'])('names the database by %s', async (variable) => {
    const text = GOOD.replace(/database:\n.*\n/, '');
    const { database } = await loaded(text, { [variable]: 'postgres://u:p@localhost/db' });
    expect(database.kind === 'url' && database.url.reveal()).toBe('postgres://u:p@localhost/db');
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

describe('a file that cannot be used', () => {
  it('is told everything that is wrong with it at once, by line', async () => {
    const text = `data_plane:
  adress: 127.0.0.1:1
control-plane: {}
log:
limits:
  max_in_flight: 0
  signer_timeout_ms: soon
database:
  url: postgres://user:word@localhost/db
chain: { rpc_url: 'ftp://node' }
policy: {}
signers:
  - { name: main, type: local-keypair, keystore_file: gone.json, passphrase_env: NOT_SET }
  - { name: Main, type: ledger }
relayers:
  - { name: node, type: rpc, url_file: open }
wallets:
  - { id: a, signer: main, relayer: nod }
zebra: 1
`;
    expect(await problems(text)).toEqual([
      'file:2: data_plane.adress: unknown key; did you mean address?',
      'file:3: control-plane: unknown key; did you mean control_plane?',
      'file:4: log: must be a mapping; it is empty',
      'file:6: limits.max_in_flight: must be at least 1',
      'file:7: limits.signer_timeout_ms: must be an integer; it is text',
      'file:9: database.url: seems to hold a secret: put it into a file and name that in url_file',
      'file:10: chain.rpc_url: is not a URL of the kind https://api.devnet.solana.com',
      'file:11: policy.bundle_directory: is missing: Folder of the policy bundle, as `opa build -t wasm` makes it, unpacked.',
      'file:14: signers[1].type: must be local-keypair',
      `file:16: relayers[0].url_file: everybody on this machine may open ${join(folder, 'open')}; make it 0600 (chmod 600)`,
      'file:18: wallets[0].relayer: there is no relayer nod; there are node',
      'file:19: zebra: unknown key; known here are data_plane, control_plane, http, database, chain, simulation, policy, signers, relayers, wallets, limits, bootstrap, log, shutdown_grace_ms',
    ]);
  });

  it('is refused for names that are used twice and keys that would serve two wallets', async () => {
    const text = GOOD.replace(
      'relayers:',
      '  - { name: main, type: local-keypair, keystore_file: main.json, passphrase_file: passphrase }\nrelayers:',
    ).concat('  - { id: treasury, signer: main, relayer: node }\n');
    expect(await problems(text)).toEqual([
      'file:12: signers[1].name: is that of signers[0] too; it must be of one only',
      'file:12: signers[1].keystore_file: is that of signers[0] too; it must be of one only',
      'file:17: wallets[1].id: is that of wallets[0] too; it must be of one only',
      'file:17: wallets[1].signer: is that of wallets[0] too; it must be of one only',
    ]);
  });

  it.each([
    ['data_plane: { address: 0.0.0.0:50051 }', 'data_plane.address: would carry API keys in the clear'],
    ['control_plane: { address: gateway.internal:50052 }', 'control_plane.address: would carry API keys in the clear'],
    ['http: { address: "[::]:9464" }', 'http.address: is not on loopback: set allow_remote'],
    ['http: { address: 127.0.0.1 }', 'http.address: must be host:port'],
    ['http: { address: 127.0.0.1:50051 }', 'http.address: is the address of data_plane too'],
    ['data_plane: { tls: { cert_file: cert.pem } }', 'data_plane.tls.key_file: is missing'],
    ['data_plane: { tls: { cert_file: cert.pem, key_file: gone.pem } }', 'data_plane.tls.key_file: '],
    [
      'bootstrap: { operator: "Root User", api_key_file: key }',
      'bootstrap.operator: must be 1 to 64 of a-z, 0-9 and dash',
    ],
    ['shutdown_grace_ms: 1.5', 'shutdown_grace_ms: must be an integer'],
    ['shutdown_grace_ms: 9007199254740993', 'shutdown_grace_ms: must be'],
    ['__proto__: { polluted: true }', '__proto__: unknown key'],
  ])('is refused with %s', async (more, message) => {
    const [problem, ...others] = await problems(`${GOOD}${more}\n`);
    expect(problem).toMatch(/^file:1[56]: /);
    expect(problem).toContain(message);
    expect(others).toEqual([]);
  });

  it('may listen to everybody with TLS', async () => {
    const text = `${GOOD}data_plane: { address: 0.0.0.0:1, tls: { cert_file: cert.pem, key_file: key.pem } }\nhttp: { address: 0.0.0.0:2, allow_remote: true }\n`;
    const { dataPlane } = await loaded(text);
    expect(dataPlane.tls).toEqual({ certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') });
  });

  it.each([
    ['database: {}', 'database: needs one of url, url_file and embedded'],
    [
      'database: { url_file: passphrase }',
      'database.url_file: the URL in the file is not a URL of the kind postgres://',
    ],
    ['database: { url_file: empty }', 'database.url_file: '],
    [
      'database: { url: "postgres://localhost/a", url_file: passphrase }',
      'database.url: give url or url_file, not both',
    ],
  ])('is refused with %s', async (database, message) => {
    const [problem, ...others] = await problems(GOOD.replace(/database:\n.*/, database));
    expect(problem).toContain(message);
    expect(others).toEqual([]);
  });

  it.each([
    ['nothing', '', 'file: must be a mapping'],
    ['a list', '- data_plane', 'file: must be a mapping'],
    ['broken syntax', 'data_plane: {\n', 'file:2: not valid YAML'],
    ['a key given twice', 'log: {}\nlog: {}\n', 'file:2: not valid YAML: Map keys must be unique'],
    ['two documents', `${GOOD}---\n${GOOD}`, 'there must be one YAML document only'],
    ['a key that is a list', '? [a, b]\n: 1\n', 'file:1: not valid YAML'],
    ['an alias of what is not there', 'log: *nothing\n', 'an alias in it names nothing'],
    ['more than a megabyte', '#'.repeat(1_100_000), 'file: has 1100000 bytes'],
  ])('is refused when it holds %s', async (_name, text, message) => {
    expect((await problems(text))[0]).toContain(message);
  });

  it('is refused when aliases make it grow without end', async () => {
    const bomb = ['a0: &a0 [x]', ...Array.from({ length: 30 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]`)];
    expect(await problems(bomb.join('\n'))).not.toEqual([]);
  });

  it('is refused when it is not there', async () => {
    const result = await loadConfig({ file: join(folder, 'gone.yaml'), env: {} });
    expect(result.kind === 'refused' && result.problems.map((problem) => printProblem('gone.yaml', problem))).toEqual([
      'gone.yaml: cannot be read (ENOENT); name the configuration file with --config',
    ]);
  });

  it('never has its values quoted, wherever a secret was put by mistake', async () => {
    const secret = 'hunter2-hunter2';
    const texts = [
      ...['log', 'limits', 'chain', 'database', 'policy', 'signers'].map((key) => `${key}: ${secret}\n`),
      GOOD.replace('name: main', `name: ${secret.toUpperCase()}!`),
      GOOD.replace('http://127.0.0.1:8899', `http://${secret}@host:8899`),
      GOOD.replace('http://127.0.0.1:8899', `"${secret}`),
      `${secret}\n${GOOD}`,
    ];
    for (const text of texts) {
      const found = await problems(text);
      expect(found).not.toEqual([]);
      expect(found.join('\n').toLowerCase()).not.toContain(secret);
    }
  });
});
