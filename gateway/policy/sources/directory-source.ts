// Owns a source on this machine: a bundle in a folder or a .tar.gz file, which is watched.

import { watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { LARGEST_ARCHIVE } from '../../state/contract/policy-store.ts';
import { readDirectoryFiles } from '../bundle/read-directory.ts';
import type { BundleSource, FetchedBundle, FetchedContent } from './bundle-source.ts';
import { tokenOf } from './content-token.ts';
import { fingerprintOf } from './fingerprint.ts';
import { pause, secondsSince } from './pace.ts';
import { codeOf, readBounded } from './read-bounded.ts';
import type { DirectorySourceConfig } from './source-config.ts';

/** What no watch tells: files deep inside, links, network file systems. */
const LOOK_MS = 500;
/** Who writes one file after the other is given this long to write the next. */
const QUIET_MS = 100;
/** What is written so long after a look is seen by the next, however coarse the clock of the file system is. */
const SETTLED_MS = 20;
/** Who never stops writing is told so. */
const LONGEST_UNREST_MS = 10_000;

interface Read {
  readonly fingerprint: string;
  readonly token: string;
}

export function openDirectorySource({ path }: DirectorySourceConfig): BundleSource {
  const label = `directory ${path}`;
  const closing = new AbortController();
  let read: Read | null = null;

  async function readNow(signal: AbortSignal): Promise<FetchedBundle> {
    const started = performance.now();
    const { content, fingerprint } = await readSettled(path, signal);
    const token = await tokenOf(content);
    read = { fingerprint, token };
    return { token, content, gitCommit: null, builtHere: false, seconds: secondsSince(started) };
  }

  return {
    origin: 'directory',
    label,
    async next(last, signal) {
      const either = AbortSignal.any([signal, closing.signal]);
      for (;;) {
        either.throwIfAborted();
        const change = watchFor(path, either);
        try {
          const known = read !== null && read.token === last?.token && read.fingerprint === (await look(path));
          if (!known) {
            const bundle = await readNow(either);
            if (bundle.token !== last?.token) return bundle;
          }
          await change.happened;
        } finally {
          change.stop();
        }
      }
    },
    async close() {
      closing.abort(new Error('the source was closed'));
    },
  };
}

/** Nothing, where there is nothing for the moment: who reads it says so. */
async function look(path: string): Promise<string | null> {
  return fingerprintOf(path).catch(() => null);
}

/** Resolves at the first sign of a change, and at the latest when it is time to look. */
function watchFor(path: string, signal: AbortSignal): { readonly happened: Promise<void>; stop(): void } {
  const stopping = new AbortController();
  const either = AbortSignal.any([signal, stopping.signal]);
  const sign = Promise.withResolvers<void>();
  const watched = (place: string, concerns: (name: string) => boolean) => {
    try {
      const watcher = watch(place, { persistent: false }, (_, name) => {
        if (name === null || concerns(name)) sign.resolve();
      });
      return [watcher.on('error', () => {})];
    } catch {
      return [];
    }
  };
  // In the folder around it, it is replaced by another one of its name; Kubernetes replaces a link `..data` there.
  const around = watched(dirname(path), (name) => name === basename(path) || name.startsWith('..'));
  const watchers = [...around, ...watched(path, () => true)];
  const happened = Promise.race([sign.promise, pause(LOOK_MS, either)]);
  // Also where nobody waits for it any more.
  happened.catch(() => {});
  return {
    happened,
    stop() {
      stopping.abort(new Error('nobody waits'));
      for (const watcher of watchers) watcher.close();
    },
  };
}

/** What was there while nothing was written, from before it was read until after. */
async function readSettled(
  path: string,
  signal: AbortSignal,
): Promise<{ content: FetchedContent; fingerprint: string }> {
  const started = performance.now();
  let before = await fingerprintNow(path, signal);
  for (;;) {
    const [content] = await Promise.all([readLater(path, signal), pause(QUIET_MS, signal)]);
    const after = await fingerprintNow(path, signal);
    if (after === before && 'error' in content) throw content.error;
    if (after === before && !('error' in content)) return { content, fingerprint: after };
    if (performance.now() - started > LONGEST_UNREST_MS) {
      throw new Error(`policy bundle ${path}: it is written all the time; replace it whole, by renaming a new one`);
    }
    before = after;
  }
}

async function readLater(path: string, signal: AbortSignal): Promise<FetchedContent | { readonly error: unknown }> {
  await pause(SETTLED_MS, signal);
  return readContent(path).catch((error: unknown) => ({ error }));
}

/** Who puts a new one in place of the old may take that away first. */
async function fingerprintNow(path: string, signal: AbortSignal): Promise<string> {
  try {
    return await fingerprintOf(path);
  } catch {
    await pause(QUIET_MS, signal);
  }
  return fingerprintOf(path).catch((error: unknown) => {
    const code = codeOf(error);
    throw new Error(
      code === 'ENOENT'
        ? `policy bundle ${path}: there is nothing`
        : `policy bundle ${path}: it cannot be read (${code})`,
    );
  });
}

async function readContent(path: string): Promise<FetchedContent> {
  if (!path.endsWith('.tar.gz')) return { kind: 'files', files: await readDirectoryFiles(path) };
  return { kind: 'archive', archive: await readBounded(path, LARGEST_ARCHIVE) };
}
