import { writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { GOOD, useConfigFolder } from '../testing/config-folder.ts';

const { loaded, problems, path } = useConfigFolder();

const SECRET = 'the-api-key-of-the-kora';

beforeAll(() => writeFile(path('api-key'), `${SECRET}\n`, { mode: 0o600 }));

function withKora(keys: string, sender = 'node'): string {
  const entry = `  - { name: paid, type: kora, relayer: ${sender}, ${keys} }\n`;
  return GOOD.replace('wallets:\n', `${entry}wallets:\n`);
}

async function koraOf(keys: string, env: Record<string, string> = {}) {
  const { relayers } = await loaded(withKora(keys), env);
  const found = relayers.find(({ kind }) => kind === 'kora');
  if (found?.kind !== 'kora') throw new Error('there is no kora');
  return found;
}

describe('a relayer of the type kora', () => {
  it('needs no more than a URL and who sends', async () => {
    expect(await koraOf('urls: [https://kora.example.com]')).toEqual({
      kind: 'kora',
      name: 'paid',
      urls: ['https://kora.example.com'],
      sender: 'node',
      feePayer: null,
      apiKey: null,
      hmacSecret: null,
      tls: { ca: null, client: null },
      timeoutMs: 2_000,
      onOutage: 'fail',
      maxInFlight: 64,
    });
  });

  it('takes secrets from a file, which is read at each call, and from the environment', async () => {
    const keys = 'urls: [http://127.0.0.1:8080], api_key_file: api-key, hmac_secret_env: KORA_SECRET';
    const { apiKey, hmacSecret } = await koraOf(keys, { KORA_SECRET: SECRET });
    expect(apiKey).toEqual({ kind: 'file', path: path('api-key') });
    expect(hmacSecret?.kind === 'value' && hmacSecret.secret.reveal()).toBe(SECRET);
    expect(JSON.stringify(hmacSecret)).not.toContain(SECRET);
  });

  it.each([
    ['api_key_file: not-yet', 'api_key_file', 'ENOENT'],
    ['hmac_secret_env: NOWHERE', 'hmac_secret_env', 'the environment variable NOWHERE is not set'],
    ['ca_file: nowhere.pem', 'ca_file', 'ENOENT'],
  ])('starts without what %s names: wallets of other relayers work meanwhile', async (keys, field, reason) => {
    const { relayers } = await loaded(withKora(`urls: [https://kora.example.com], ${keys}`));
    expect(relayers).toMatchObject([
      { kind: 'rpc', name: 'node' },
      {
        kind: 'lacking',
        backend: 'kora',
        name: 'paid',
        sender: 'node',
        field,
        reason: expect.stringContaining(reason),
      },
    ]);
  });

  it('may be called by http on this machine, and elsewhere where that is said', async () => {
    expect((await koraOf('urls: [http://127.0.0.1:8080, "http://[::1]:8080"]')).urls).toHaveLength(2);
    expect((await koraOf('urls: [http://kora:8080], allow_plain_http: true')).urls).toEqual(['http://kora:8080']);
  });

  it.each([
    ['urls: []', 'relayers[1].urls: '],
    ['urls: [kora.example.com]', 'relayers[1].urls[0]: is not a URL of the kind https://kora.example.com'],
    ['urls: [ftp://kora], allow_plain_http: true', 'relayers[1].urls[0]: is not a URL of the kind'],
    ['urls: [http://kora.example.com]', 'relayers[1].urls[0]: would send credentials in the clear'],
    ['urls: ["https://me:word@kora.example.com"]', 'relayers[1].urls[0]: must be a URL without user, password, query'],
    ['urls: ["https://kora.example.com?key=word"]', 'relayers[1].urls[0]: must be a URL without user, password, query'],
    ['urls: [https://a.example, https://a.example]', 'relayers[1].urls[1]: stands in this list before'],
    ['urls: [https://a.example], fee_payer: me', 'relayers[1].fee_payer: must be an address in base58'],
    ['urls: [https://a.example], api_key_file: open', 'relayers[1].api_key_file: everybody on this machine may open'],
    ['urls: [https://a.example], api_key_file: empty', 'relayers[1].api_key_file: '],
    [
      'urls: [https://a.example], api_key_file: api-key, api_key_env: K',
      'relayers[1].api_key_file: give api_key_file or',
    ],
    ['urls: [https://a.example], on_outage: wallet_pays', 'relayers[1].on_outage: '],
    ['urls: [https://a.example], max_in_flight: 0', 'relayers[1].max_in_flight: '],
  ])('with %s is refused', async (keys, message) => {
    const [problem, ...others] = await problems(withKora(keys));
    expect(problem).toContain(message);
    expect(problem).not.toMatch(/word@|key=word/);
    expect(others).toEqual([]);
  });

  it.each([
    ['nobody', 'relayers[1].relayer: there is no relayer nobody; there are node'],
    ['paid', 'relayers[1].relayer: paid does not send by itself; name a relayer of the type rpc'],
  ])('that has %s send is refused', async (sender, message) => {
    const found = await problems(withKora('urls: [https://a.example]', sender));
    expect(found).toEqual([expect.stringContaining(message)]);
  });
});
