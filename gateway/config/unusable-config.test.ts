import { describe, expect, it } from 'vitest';
import { loadConfig } from './load-config.ts';
import { printProblem } from './problem.ts';
import { GOOD, useConfigFolder } from './testing/config-folder.ts';

const { path, loaded, problems } = useConfigFolder();

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
      'file:11: policy.source: is missing: Where bundles come from.',
      expect.stringMatching(/^file:14: signers\[1\]\.type: must be .*local-keypair/),
      `file:16: relayers[0].url_file: everybody on this machine may open ${path('open')}; make it 0600 (chmod 600)`,
      'file:18: wallets[0].relayer: there is no relayer nod; there are node',
      'file:19: zebra: unknown key; known here are data_plane, control_plane, http, database, redis, chain, simulation, policy, signers, relayers, wallets, wallet_templates, limits, rate_limits, retention, approvals, bootstrap, read_only, controls, wallet_watch, compute_budget, session_keys, log, shutdown_grace_ms',
    ]);
  });

  it('is refused for names that are used twice and keys that would serve two wallets', async () => {
    const text = GOOD.replace(
      'relayers:',
      '  - { name: main, type: local-keypair, keystore_file: main.json, passphrase_file: passphrase }\nrelayers:',
    ).concat('  - { id: treasury, signer: main, relayer: node }\n');
    expect(await problems(text)).toEqual([
      'file:13: signers[1].name: is that of signers[0] too; it must be of one only',
      'file:13: signers[1].keystore_file: is that of signers[0] too; it must be of one only',
      'file:18: wallets[1].id: is that of wallets[0] too; it must be of one only',
      'file:18: wallets[1].signer: is that of wallets[0] too; it must be of one only',
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
    ['bootstrap: { operator: gateway, api_key_file: key }', 'bootstrap.operator: must be another id'],
    ['shutdown_grace_ms: 1.5', 'shutdown_grace_ms: must be an integer'],
    ['shutdown_grace_ms: 9007199254740993', 'shutdown_grace_ms: must be'],
    ['__proto__: { polluted: true }', '__proto__: unknown key'],
  ])('is refused with %s', async (more, message) => {
    const [problem, ...others] = await problems(`${GOOD}${more}\n`);
    expect(problem).toMatch(/^file:1[67]: /);
    expect(problem).toContain(message);
    expect(others).toEqual([]);
  });

  it('may listen to everybody with TLS', async () => {
    const text = `${GOOD}data_plane: { address: 0.0.0.0:1, tls: { cert_file: cert.pem, key_file: key.pem } }\nhttp: { address: 0.0.0.0:2, allow_remote: true }\n`;
    const { dataPlane } = await loaded(text);
    expect(dataPlane.tls).toEqual({ certFile: path('cert.pem'), keyFile: path('key.pem') });
  });

  it.each([
    ['database: {}', 'database: needs one of url, url_file and embedded'],
    [
      'database: { url_file: passphrase }',
      'database.url_file: the URL in the file cannot be read; it should look like postgres://',
    ],
    ['database: { url: "postgres://db/n" }', 'database.url: names a server off this machine without saying how'],
    ['database: { url: "postgres://a,b/n?sslmode=require" }', 'database.url: has an sslmode that does not check who'],
    [
      'database: { url: "postgres://u:word@a:1,b:2/n?sslmode=verify-full" }',
      'database.url: seems to hold a secret: put it into a file and name that in url_file',
    ],
    ['database: { url: "postgres://localhost/n", pool_size: 2 }', 'database.pool_size: must be at least 3'],
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
    const result = await loadConfig({ file: path('gone.yaml'), env: {} });
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
