// Owns the process that compiles policy sources: their folder and the file to write come as arguments, the commit and its time, as JSON,
// on standard input, once the folder is filled.
import { writeFile } from 'node:fs/promises';
import { argv, stderr, stdin } from 'node:process';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { buildRepository } from '../../build/build-repository.ts';
import { writeArchive } from '../../bundle/write-archive.ts';

const COMMIT = z.strictObject({ commit: z.string(), committedAt: z.number() });

const [, , directory = '', archive = ''] = argv;

try {
  const { commit, committedAt } = COMMIT.parse(JSON.parse(await text(stdin)));
  const { files } = await buildRepository({ directory, gitCommit: commit, builtAt: committedAt });
  await writeFile(archive, writeArchive(files), { flag: 'wx', mode: 0o600 });
} catch (error) {
  stderr.write(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
