// Owns that only one gateway at a time runs a Postgres in a data directory.
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProcess } from './running-process.ts';

const FILE = 'owner';

/**
 * Claims the directory for this process, or throws when a living process holds it. A claim whose process died is taken over.
 * Returns how to give it back.
 */
export async function claimDirectory(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, FILE);
  const self = await findProcess(process.pid);
  const claim = `${process.pid} ${self?.startToken ?? ''}\n`;
  for (let attempt = 0; attempt < 5; attempt++) {
    if (await writeNew(path, claim)) return () => rm(path, { force: true });
    const holder = await livingHolder(path);
    if (holder !== null) {
      const who = holder === process.pid ? 'this very process' : `the process ${holder}`;
      throw new Error(`the data directory ${directory} is in use by ${who}; stop it first, or use another directory`);
    }
    await removeStale(path);
  }
  throw new Error(`the data directory ${directory} is being claimed by several gateways at once; start one of them`);
}

async function writeNew(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function livingHolder(path: string): Promise<number | null> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const [pidText = '', ...token] = text.trim().split(' ');
  const pid = Number.parseInt(pidText, 10);
  if (!Number.isSafeInteger(pid) || pid <= 0) return null;
  const found = await findProcess(pid);
  return found !== null && found.startToken === token.join(' ') ? pid : null;
}

// By way of a name of our own, so that of two that take over, one removes the stale claim and the other finds the new one.
async function removeStale(path: string): Promise<void> {
  const aside = `${path}.stale-${process.pid}`;
  await rename(path, aside).catch(() => {});
  await rm(aside, { force: true });
}
