// Owns bringing the public IDLs that the tests read: out of pinned npm packages into .tools/idls. Nothing of a package is run.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { PUBLIC_IDLS, sourcesDigest } from './public-idls/directory.ts';
import { findIdlLiteral } from './public-idls/idl-literal.ts';
import { type IdlSource, PACKAGES, type PackageSource } from './public-idls/sources.ts';

const execute = promisify(execFile);
const MADE_FROM = 'made-from';

const PACKED = z.array(z.object({ id: z.string(), filename: z.string() }));

async function bringPublicIdls(): Promise<void> {
  const digest = sourcesDigest();
  const have = await readFile(join(PUBLIC_IDLS, MADE_FROM), 'utf8').catch(() => '');
  if (have === digest) return;
  await mkdir(dirname(PUBLIC_IDLS), { recursive: true });
  const work = await mkdtemp(`${PUBLIC_IDLS}.`);
  try {
    const archives = await download(work);
    const made = join(work, 'idls');
    await mkdir(made);
    for (const source of PACKAGES) await unpack(source, archives, work, made);
    await writeFile(join(made, MADE_FROM), digest);
    await rm(PUBLIC_IDLS, { recursive: true, force: true });
    await rename(made, PUBLIC_IDLS);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  console.error(`[public-idls] ${PACKAGES.flatMap(({ idls }) => idls).length} IDLs brought to .tools/idls`);
}

/** By the client and from the registry that this machine is set up for. */
async function download(work: string): Promise<ReadonlyMap<string, string>> {
  const specs = PACKAGES.map(({ spec }) => spec);
  const { stdout } = await execute(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', work, ...specs],
    {
      cwd: work,
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  return new Map(PACKED.parse(JSON.parse(stdout)).map(({ id, filename }) => [id, join(work, basename(filename))]));
}

async function unpack(
  source: PackageSource,
  archives: ReadonlyMap<string, string>,
  work: string,
  made: string,
): Promise<void> {
  const archive = archives.get(source.spec);
  if (archive === undefined) throw new Error(`${source.spec}: npm did not bring it`);
  const found = `sha512-${createHash('sha512')
    .update(await readFile(archive))
    .digest('base64')}`;
  if (found !== source.integrity) throw new Error(`${source.spec}: its archive has ${found}, not ${source.integrity}`);
  const to = await mkdtemp(join(work, 'package-'));
  const files = [...new Set(source.idls.map(({ file }) => `package/${file}`))];
  await execute('tar', ['-xzf', archive, '-C', to, ...files]);
  for (const idl of source.idls) {
    const text = await readFile(join(to, 'package', idl.file), 'utf8');
    await writeFile(join(made, `${idl.program}.json`), JSON.stringify(idlIn(text, idl)));
  }
}

function idlIn(text: string, { literal }: IdlSource): unknown {
  return literal === undefined ? JSON.parse(text) : findIdlLiteral(text, literal);
}

if (import.meta.main) {
  try {
    await bringPublicIdls();
  } catch (error) {
    console.error(`[public-idls] ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
