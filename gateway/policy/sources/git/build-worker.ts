// Owns the process that compiles policy sources: folder, commit, time of the commit and file to write come as arguments.
import { writeFile } from 'node:fs/promises';
import { argv, stderr } from 'node:process';
import { buildRepository } from '../../build/build-repository.ts';
import { writeArchive } from '../../bundle/write-archive.ts';

const [, , directory = '', gitCommit = '', builtAt = '', archive = ''] = argv;

try {
  const { files } = await buildRepository({ directory, gitCommit, builtAt: Number(builtAt) });
  await writeFile(archive, writeArchive(files), { flag: 'wx', mode: 0o600 });
} catch (error) {
  stderr.write(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
