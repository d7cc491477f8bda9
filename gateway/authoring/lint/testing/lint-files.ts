// Owns how tests lint files that exist only in the test.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findOpa } from '../../../policy/build/opa.ts';
import { lintDirectory, type Report } from '../lint.ts';

export async function lintFiles(files: Readonly<Record<string, string>>): Promise<Report> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-lint-'));
  try {
    for (const [file, text] of Object.entries(files)) {
      await mkdir(dirname(join(directory, file)), { recursive: true });
      await writeFile(join(directory, file), text);
    }
    return await lintDirectory(findOpa(), directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Each as `code at file:row:col`. */
export async function codesIn(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const { findings } = await lintFiles(files);
  return findings.map(({ code, at }) => `${code} at ${at.file}:${at.row}:${at.col}`);
}
