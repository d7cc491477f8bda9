// Owns the place of a built bundle: a directory that is replaced whole.
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BundleFiles } from '../bundle/bundle.ts';
import { MANIFEST_FILE } from '../bundle/bundle-parts.ts';
import { writeFiles } from './compile.ts';

/** What is there is replaced whole: only a bundle, an empty directory or nothing may be. */
export async function requireBundlePlace(outDir: string): Promise<void> {
  const found = await readdir(outDir).catch((error: unknown): string[] => {
    if (isMissing(error)) return [];
    throw error;
  });
  if (found.length > 0 && !found.includes(MANIFEST_FILE)) {
    throw new Error(`${outDir} holds something that is no policy bundle, and would be replaced; name a new directory`);
  }
}

/** A reader finds the old bundle or the new one, for the blink between two renames none, and never a mixture. */
export async function writeBundle(files: BundleFiles, outDir: string): Promise<void> {
  await requireBundlePlace(outDir);
  await mkdir(dirname(outDir), { recursive: true });
  const staged = await mkdtemp(`${outDir}.`);
  try {
    await writeFiles(join(staged, 'new'), files);
    const old = await rename(outDir, join(staged, 'old')).then(
      () => true,
      (error: unknown) => {
        if (isMissing(error)) return false;
        throw error;
      },
    );
    await rename(join(staged, 'new'), outDir).catch(async (error: unknown) => {
      if (old) await rename(join(staged, 'old'), outDir);
      throw error;
    });
  } finally {
    await rm(staged, { recursive: true, force: true });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
