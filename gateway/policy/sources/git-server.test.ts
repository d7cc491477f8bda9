import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BundleSource } from './bundle-source.ts';
import { GIT_BOUNDS, type GitBounds } from './git/git-client.ts';
import { BUNDLE, makeTestRepository, openTestSource, type TestRepository } from './testing/git-repository.ts';
import { type GitServer, startGitServer } from './testing/git-server.ts';

const TOKEN = 'a-token-that-nobody-may-see';

let folder: string;
let tokenFile: string;
let repository: TestRepository;
let server: GitServer;
let source: BundleSource;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-git-server-'));
  tokenFile = join(folder, 'token');
  await writeFile(tokenFile, `${TOKEN}\n`);
  repository = makeTestRepository(folder);
  repository.commit({ [BUNDLE]: 'first' });
  server = await startGitServer(folder);
  source = opened();
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await source.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

function opened(bounds: Partial<GitBounds> = {}): BundleSource {
  const login = { kind: 'token', username: 'robot', tokenFile } as const;
  return openTestSource(folder, { url: server.url, login, bounds: { ...GIT_BOUNDS, fetchMib: 1, ...bounds } });
}

const next = (signal = AbortSignal.timeout(20_000)) => source.next(null, signal);

/** Command lines of all processes. */
function commandLines(): string {
  return execFileSync('ps', ['-A', '-ww', '-o', 'args=']).toString();
}

describe('a Git server', () => {
  it('is asked over http with the token, which is read anew each time', async () => {
    server.credentials = `robot:${TOKEN}`;
    const first = await next();
    expect(first.content).toMatchObject({ kind: 'archive' });
    server.credentials = 'robot:another';
    const two = repository.commit({ [BUNDLE]: 'second' });
    const last = { token: first.token, gitCommit: first.gitCommit };
    await expect(source.next(last, AbortSignal.timeout(20_000))).rejects.toThrow(
      /git ls-remote failed: .*401|could not read/,
    );
    await writeFile(tokenFile, 'another');
    expect((await source.next(last, AbortSignal.timeout(20_000))).token).toBe(two);
  });

  it('is not asked with a token that would be more than one header', async () => {
    await writeFile(tokenFile, 'x\nX-Other: y');
    await expect(next()).rejects.toThrow(`${tokenFile} must hold a token`);
    expect(server.shown).toEqual([]);
  });

  it('gets the token in no argument of a process, and no message holds what comes back of it', async () => {
    const asked = server.asked();
    let lines = '';
    server.misbehave(({ headers }, response) => {
      lines = commandLines();
      response.writeHead(500, { 'content-type': 'text/plain' }).end(`${headers.authorization} ${TOKEN}`);
    });
    const error: unknown = await next().catch((reason: unknown) => reason);
    expect((await asked).headers.authorization).toMatch(/^Basic /);
    expect(lines).toContain(server.url);
    expect(lines).not.toContain(TOKEN);
    expect(String(error)).toMatch(/git ls-remote failed: .*500/);
    for (const secret of [TOKEN, Buffer.from(`robot:${TOKEN}`).toString('base64')]) {
      expect(`${error} ${source.label}`).not.toContain(secret);
    }
  });

  /** Within its bounds, which are narrow: a machine that is busy may need more than one turn. */
  const comesAgain = () => vi.waitFor(async () => expect((await next()).token).toMatch(/^[0-9a-f]{40}$/));

  it('is given up when it hangs, with all that was started for it', async () => {
    source = opened({ askMs: 500 });
    const hung = new Promise<void>((resolve) => {
      server.misbehave((request) => request.socket.on('close', () => resolve()));
    });
    await expect(next()).rejects.toThrow('git ls-remote: it did not end within 0.5 s');
    await hung;
    server.misbehave(null);
    await comesAgain();
  });

  it('is given up in the middle of a fetch when it hangs there', async () => {
    source = opened({ fetchMs: 1_000 });
    // git asks for the branches before each of ls-remote and fetch; the third question is for the commits.
    let posts = 0;
    server.misbehave(({ method }) => {
      if (method === 'POST') posts += 1;
      return posts < 3 ? 'as usual' : undefined;
    });
    await expect(next()).rejects.toThrow('git fetch: it did not end within 1 s');
    server.misbehave(null);
    await comesAgain();
  });

  it('is left at once when the signal says so', async () => {
    const asked = server.asked();
    server.misbehave(() => {});
    const ending = new AbortController();
    const coming = next(ending.signal);
    const { socket } = await asked;
    const left = new Promise<void>((resolve) => socket.on('close', () => resolve()));
    ending.abort(new Error('enough'));
    await expect(coming).rejects.toThrow('enough');
    await left;
  });

  it('is not followed elsewhere', async () => {
    const other = await startGitServer(folder);
    server.misbehave(({ url }, response) =>
      response.writeHead(301, { location: `${new URL(other.url).origin}${url}` }).end(),
    );
    await expect(next()).rejects.toThrow(/git ls-remote failed: .*redirect|301/i);
    expect(other.shown).toEqual([]);
    await other.close();
  });

  it.each([
    ['text', 'text/html', '<html>\u001b[31mlogin</html>'],
    [
      'too much',
      'application/x-git-upload-pack-advertisement',
      `001e# service=git-upload-pack\n0000${'x'.repeat(4_000_000)}`,
    ],
  ])('is refused when it answers %s, in plain words', async (_, type, body) => {
    server.misbehave((__, response) => response.writeHead(200, { 'content-type': type }).end(body));
    await expect(next()).rejects.toThrow(/^git http:\/\/127\.0\.0\.1:\d+\/policies\.git main: [\x20-\x7e…]{1,430}$/);
  });

  it('is refused when it sends more than is fetched', async () => {
    const noise = randomBytes(3 * 1024 * 1024);
    repository.commit({ noise });
    await expect(next()).rejects.toThrow(
      'git fetch failed: fatal: fetch-pack: invalid index-pack output; more than 1 MiB at once are not fetched',
    );
    repository.commit({ noise: null });
    expect((await next()).token).toMatch(/^[0-9a-f]{40}$/);
  });
});

describe('a Git server that is reached by ssh', () => {
  /** In place of ssh: it keeps how ssh would understand its arguments, and runs the command on this machine. */
  async function fakeSsh(): Promise<string> {
    const bin = join(folder, 'bin');
    const real = execFileSync('sh', ['-c', 'command -v ssh']).toString().trim();
    await mkdir(bin);
    const script = `#!/bin/sh\n${real} -G "$@" > '${folder}/understood'\nfor last; do :; done\nexec sh -c "$last"\n`;
    await writeFile(join(bin, 'ssh'), script);
    await chmod(join(bin, 'ssh'), 0o755);
    return bin;
  }

  it('must be the one of known_hosts_file, is shown this key only, and asks nobody', async () => {
    const [keyFile, knownHostsFile] = [join(folder, "the key's %h"), join(folder, 'known "hosts" \\100%')];
    vi.stubEnv('PATH', `${await fakeSsh()}:${process.env.PATH}`);
    await source.close();
    const url = `ssh://git@git.example.com${repository.directory}`;
    source = openTestSource(folder, { url, login: { kind: 'ssh', keyFile, knownHostsFile }, bounds: GIT_BOUNDS });
    expect((await next()).token).toMatch(/^[0-9a-f]{40}$/);
    const understood = (await readFile(join(folder, 'understood'), 'utf8')).split('\n');
    expect(understood).toEqual(
      expect.arrayContaining([
        'user git',
        'hostname git.example.com',
        'batchmode yes',
        'identitiesonly yes',
        'identityagent none',
        'passwordauthentication no',
        'stricthostkeychecking true',
        'globalknownhostsfile /dev/null',
        `userknownhostsfile ${knownHostsFile}`,
        `identityfile ${keyFile.replace('%', '%%')}`,
      ]),
    );
    expect(understood.filter((line) => line.startsWith('identityfile '))).toHaveLength(1);
  });
});
