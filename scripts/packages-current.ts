// Owns the question whether node_modules holds what package-lock.json asks for; exits 0 if so. Compares the lock file with the
// one that npm leaves inside node_modules as the last act of an install.
import { readFileSync } from 'node:fs';
import { exit } from 'node:process';

interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly optional?: boolean;
}

function packagesOf(path: string): ReadonlyMap<string, LockedPackage> {
  const lock: { readonly packages?: Readonly<Record<string, LockedPackage>> } = JSON.parse(readFileSync(path, 'utf8'));
  return new Map(Object.entries(lock.packages ?? {}));
}

const wanted = packagesOf('package-lock.json');
const installed = packagesOf('node_modules/.package-lock.json');

// Optional packages are those of other platforms: what is absent is not asked for here.
const current = [...wanted].every(([path, want]) => {
  if (path === '') return true;
  const have = installed.get(path);
  if (have === undefined) return want.optional === true;
  return have.version === want.version && have.integrity === want.integrity;
});

exit(current ? 0 : 1);
