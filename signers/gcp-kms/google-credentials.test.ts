// Proves that a file of credentials that is none is not quoted, and that nothing is run to find them.
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGoogleCredentials } from './google-credentials.ts';

const KEY = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC';

describe('the credentials that Google’s library finds by itself', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'google-credentials-'));
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', join(directory, 'adc.json'));
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(directory, { recursive: true });
  });

  it.each([
    ['begins with them', KEY],
    ['has them where no quotes are', `{"type":"service_account","private_key":${KEY}}`],
    ['breaks off in them', `{"type":"service_account","private_key":"${KEY}`],
  ])('are not repeated where their file is not JSON and %s', async (_how, text) => {
    await writeFile(join(directory, 'adc.json'), text);
    expect(await createGoogleCredentials(null).headers(AbortSignal.timeout(5_000))).toEqual({
      kind: 'none',
      reason: 'what should hold them is not JSON',
    });
  });

  it('are told to be missing in the library’s words', async () => {
    const found = await createGoogleCredentials(null).headers(AbortSignal.timeout(5_000));
    expect(found).toMatchObject({ kind: 'none', reason: expect.stringContaining('does not exist') });
  });

  it('run no program where they lead to no project, as `gcloud`, which takes seconds', async () => {
    const [gcloud, ran] = [join(directory, 'gcloud'), join(directory, 'ran')];
    await writeFile(gcloud, `#!/bin/sh\n: > ${ran}\n`, { mode: 0o700 });
    vi.stubEnv('PATH', `${directory}:${process.env.PATH}`);
    const account = {
      type: 'external_account',
      audience: 'a',
      subject_token_type: 't',
      token_url: 'http://127.0.0.1:1',
    };
    await writeFile(
      join(directory, 'adc.json'),
      JSON.stringify({ ...account, credential_source: { file: '/nowhere' } }),
    );
    const found = await createGoogleCredentials(null).headers(AbortSignal.timeout(5_000));
    expect(found).toMatchObject({ kind: 'none', reason: expect.stringContaining('/nowhere') });
    expect(existsSync(ran)).toBe(false);
  });
});
