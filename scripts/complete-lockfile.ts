// Owns the lock file's completeness: npm leaves out optional packages of platforms that it could not look up when the lock file was
// written, and then npm 11 refuses `npm ci` everywhere. Run it after `npm install`: it adds what is missing and
// nothing else; with `--check` it only says what is missing.
import { readFileSync, writeFileSync } from 'node:fs';
import process, { argv, stdout } from 'node:process';

const LOCKFILE = 'package-lock.json';
const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const PROCESSORS = ['arm64', 'x64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'arm'];

interface LockedPackage {
  readonly version?: string;
  readonly cpu?: readonly string[];
  readonly dev?: boolean;
  readonly libc?: readonly string[];
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Lockfile {
  packages: Record<string, LockedPackage>;
}

/** What npm would write. The platform is read from the package's name, so that npm leaves it alone on all others. */
function entryOf(name: string, version: string, dev: boolean): LockedPackage {
  const words = name.split(/[/-]/);
  const system = SYSTEMS.find((os) => words.includes(os));
  const processor = PROCESSORS.find((cpu) => words.some((word) => word.startsWith(cpu)));
  if (system === undefined || processor === undefined) {
    throw new Error(`${name} names no platform: add it to ${LOCKFILE} by hand`);
  }
  const libc = words.some((word) => word.startsWith('musl')) ? ['musl'] : ['glibc'];
  return {
    version,
    cpu: [processor],
    ...(dev ? { dev } : {}),
    ...(system === 'linux' ? { libc } : {}),
    optional: true,
    os: [system],
  };
}

const lockfile: Lockfile = JSON.parse(readFileSync(LOCKFILE, 'utf8'));
const known = new Set(Object.keys(lockfile.packages).map((path) => path.slice(path.lastIndexOf('node_modules/') + 13)));

const missing = Object.values(lockfile.packages).flatMap(({ dev, optionalDependencies }) =>
  Object.entries(optionalDependencies ?? {})
    .filter(([name]) => !known.has(name))
    .map(([name, version]) => ({ name, entry: entryOf(name, version, dev === true) })),
);

const check = argv.includes('--check');
if (missing.length > 0 && !check) {
  const added = missing.map(({ name, entry }) => [`node_modules/${name}`, entry] as const);
  // npm's own order, so that its next run changes nothing.
  const entries = [...Object.entries(lockfile.packages), ...added].sort(([a], [b]) => a.localeCompare(b, 'en'));
  lockfile.packages = Object.fromEntries(entries);
  writeFileSync(LOCKFILE, `${JSON.stringify(lockfile, null, 2)}\n`);
}
for (const { name } of missing) stdout.write(`${LOCKFILE} ${check ? 'lacks' : 'had not'} ${name}\n`);
if (missing.length > 0 && check) {
  stdout.write('run `node scripts/complete-lockfile.ts` and commit the result\n');
  process.exitCode = 1;
}
