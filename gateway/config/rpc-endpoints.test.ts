import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { GOOD, useConfigFolder } from './testing/config-folder.ts';

const { path, loaded, problems } = useConfigFolder();

const chain = (section: string) => GOOD.replace('chain:\n  rpc_url: http://127.0.0.1:8899\n', section);
const relayer = (entry: string) => GOOD.replace(/ {2}- \{ name: node, type: rpc.*\n/, entry);

describe('nodes of the chain', () => {
  it('are several, each with its weight, rate and WebSocket, the URL in a file where it holds a key', async () => {
    await writeFile(path('node-url'), 'https://b.example/v2/key\n', { mode: 0o600 });
    const { chain: config } = await loaded(
      chain(`chain:
  endpoints:
    - { url: 'https://a.example', weight: 3, requests_per_second: 50, ws_url: 'wss://ws.a.example' }
    - { url_file: node-url }
`),
    );
    const shown = config.endpoints.map(({ url, wsUrl, ...rest }) => [url.reveal(), wsUrl?.reveal() ?? null, rest]);
    expect(shown).toEqual([
      ['https://a.example', 'wss://ws.a.example', { weight: 3, requestsPerSecond: 50, field: 'endpoints[0].url' }],
      ['https://b.example/v2/key', null, { weight: 1, requestsPerSecond: null, field: 'endpoints[1].url_file' }],
    ]);
    expect(config).toMatchObject({ witnesses: 2, subscribe: true });
  });

  it('is one in the short form, which proves alone', async () => {
    const { chain: config } = await loaded(GOOD);
    expect(config.endpoints).toMatchObject([{ weight: 1, requestsPerSecond: null, field: 'rpc_url' }]);
    expect(config.witnesses).toBe(1);
  });

  it.each([
    ['chain: {}', 'chain: needs rpc_url, rpc_url_file or endpoints'],
    ['chain: { endpoints: [] }', 'chain.endpoints: must'],
    [
      `chain: { rpc_url: 'https://a.example', endpoints: [{ url: 'https://b.example' }] }`,
      'chain.rpc_url: give rpc_url or endpoints, not both',
    ],
    ['chain: { endpoints: [{ weight: 2 }] }', 'chain.endpoints[0]: needs url or url_file'],
    [
      `chain: { endpoints: [{ url: 'https://a.example' }, { url: 'https://a.example/' }] }`,
      'chain.endpoints[1].url: is the URL of endpoints[0] too; name each node once',
    ],
    [
      `chain: { endpoints: [{ url: 'https://a.example?api-key=word' }] }`,
      'chain.endpoints[0].url: seems to hold a secret: put it into a file and name that in url_file',
    ],
    [
      `chain: { endpoints: [{ url: 'https://a.example', ws_url: 'https://a.example' }] }`,
      'chain.endpoints[0].ws_url: is not a URL of the kind wss://api.devnet.solana.com',
    ],
    [
      `chain: { endpoints: [{ url: 'https://a.example', weight: 0 }] }`,
      'chain.endpoints[0].weight: must be at least 1',
    ],
    [
      `chain: { endpoints: [{ url: 'https://a.example' }], witnesses: 2 }`,
      'chain.witnesses: must be at most 1, the number of endpoints',
    ],
    [
      `chain: { endpoints: [{ url: 'https://a.example' }, { url: 'https://b.example' }], verify_rpc_url: 'https://b.example/x' }`,
      'chain.verify_rpc_url: is at the host of chain.endpoints[1].url, which would agree with itself',
    ],
  ])('are refused as %s', async (section, problem) => {
    const found = await problems(chain(`${section}\n`));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(problem);
    expect(found[0]).not.toContain('api-key');
  });
});

describe('a relayer of the type rpc', () => {
  it('sends to two of its nodes at once unless it is told otherwise', async () => {
    const text = relayer(
      `  - { name: node, type: rpc, endpoints: [{ url: 'https://a.example' }, { url: 'https://b.example', weight: 9 }], send_to: 1 }\n`,
    );
    const { relayers } = await loaded(text);
    expect(relayers).toMatchObject([{ kind: 'rpc', sendTo: 1, timeoutMs: 10_000, endpoints: [{}, { weight: 9 }] }]);
    expect((await loaded(GOOD)).relayers).toMatchObject([{ sendTo: 2, endpoints: [{ field: 'url' }] }]);
  });

  it('is refused without a node', async () => {
    expect(await problems(relayer('  - { name: node, type: rpc }\n'))).toEqual([
      expect.stringContaining('relayers[0]: needs url, url_file or endpoints'),
    ]);
  });
});
