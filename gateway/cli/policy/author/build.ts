// Owns `countersign policy build`: a policy repository, or data and directories that are named, made into a bundle.
import { rename, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type Built, buildFiles } from '../../../policy/build/build-bundle.ts';
import { buildRepository } from '../../../policy/build/build-repository.ts';
import { requireBundlePlace, writeBundle } from '../../../policy/build/write-bundle.ts';
import { writeArchive } from '../../../policy/bundle/write-archive.ts';
import type { CliContext } from '../../context.ts';
import { UsageError } from '../../exit.ts';
import { runInLines } from './in-lines.ts';

interface BuildOptions {
  readonly out: string;
  readonly data?: string;
  readonly rules?: string;
  readonly schemas?: string;
  readonly idls?: string;
  readonly revision?: string;
}

/** Whoever names one would find a folder of that name. */
const OTHER_ARCHIVE = /\.(zip|tar|gz|bz2|xz|zst|7z)$/i;

export function addBuildCommand(policy: Command, context: CliContext): void {
  policy
    .command('build')
    .description(
      'check and compile a policy repository into a bundle; or, with --data, data and directories that you name',
    )
    .argument('[directory]', 'policy repository', '.')
    .requiredOption(
      '--out <path>',
      'a file *.tar.gz, or a bundle directory: a new or empty one, or one with a bundle, which is replaced',
    )
    .option('--data <file>', 'policy data instead of a repository: {"agents": …, "assets": …}, JSON or YAML')
    .option('--rules <dir>', 'with --data: further Rego packages, for example rules of your own')
    .option('--schemas <dir>', 'with --data: schemas of the settings of those rules, <rule>.json')
    .option('--idls <dir>', 'with --data: IDLs, <program id>.json: Anchor of any generation, or Codama')
    .option('--revision <text>', 'revision of the bundle; a hash of its content by default')
    .action((directory: string, options: BuildOptions) =>
      runInLines(context, async () => {
        const { out } = options;
        const toArchive = /\.t(ar\.)?gz$/.test(out);
        if (!toArchive && OTHER_ARCHIVE.test(out)) {
          throw new UsageError(`--out: an archive is a file *.tar.gz, a folder has no such ending; found ${out}`);
        }
        if (!toArchive) await requireBundlePlace(out);
        const { revision, files } = await build(directory, options);
        if (toArchive) await writeWhole(out, writeArchive(files));
        else await writeBundle(files, resolve(out));
        await context.terminal.print(`${out}: revision ${revision}`);
        return 0;
      }),
    );
}

async function build(directory: string, { data, rules, schemas, idls, revision }: BuildOptions): Promise<Built> {
  const given = Object.entries({ rules, schemas, idls }).filter(([, value]) => value !== undefined);
  const [other] = given;
  if (data === undefined && other !== undefined) {
    throw new UsageError(`--${other[0]} is for builds with --data; a repository has its own ${other[0]}`);
  }
  try {
    const chosen = revision === undefined ? {} : { revision };
    return data === undefined
      ? await buildRepository({ directory, ...chosen })
      : await buildFiles({ dataFile: data, ...Object.fromEntries(given), ...chosen });
  } catch (error) {
    throw new Error(`no bundle was built: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

/** Nobody finds half of it. */
async function writeWhole(file: string, bytes: Uint8Array): Promise<void> {
  const beside = `${file}.new`;
  await writeFile(beside, bytes);
  await rename(beside, file);
}
