// Owns as whom Postgres runs: it refuses to run as root, so root starts it as the system user `postgres`.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chown, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export type RunAs =
  | { readonly kind: 'self' }
  | { readonly kind: 'user'; readonly uid: number; readonly gid: number }
  /** As that user, but able to pass folders that are closed to it (a clone under /root, say). */
  | { readonly kind: 'user_past_closed_folders'; readonly uid: number; readonly gid: number };

/** Decides once per start; `paths` are the folders that Postgres must reach. Throws when root has no user to give. */
export async function chooseRunAs(paths: readonly string[]): Promise<RunAs> {
  if (process.getuid?.() !== 0) return { kind: 'self' };
  const { uid, gid } = await postgresUser();
  for (const path of paths) {
    if (!(await isReachable(path, uid, gid))) {
      await requireSetpriv(path);
      return { kind: 'user_past_closed_folders', uid, gid };
    }
  }
  return { kind: 'user', uid, gid };
}

/** Gives a file or folder to the one that Postgres runs as. */
export async function giveTo(runAs: RunAs, path: string): Promise<void> {
  if (runAs.kind !== 'self') await chown(path, runAs.uid, runAs.gid);
}

/**
 * Starts a program as that user: in a session of its own, so that a Ctrl-C in the terminal reaches the gateway only, and with an
 * empty environment, so that nothing secret of the gateway's passes over.
 */
export function spawnAs(runAs: RunAs, program: string, args: readonly string[]): ChildProcess {
  const options = {
    detached: true,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', 'ignore', 'pipe'] satisfies ['ignore', 'ignore', 'pipe'],
  };
  switch (runAs.kind) {
    case 'self':
      return spawn(program, args, options);
    case 'user':
      return spawn(program, args, { ...options, uid: runAs.uid, gid: runAs.gid });
    case 'user_past_closed_folders':
      return spawn('setpriv', [...setprivArguments(runAs.uid, runAs.gid), '--', program, ...args], options);
  }
}

// no_setuid_fixup lets access(2) count the capability as well: Postgres looks at its own program with it.
function setprivArguments(uid: number, gid: number): readonly string[] {
  return [
    '--securebits=+no_setuid_fixup',
    `--reuid=${uid}`,
    `--regid=${gid}`,
    '--clear-groups',
    '--inh-caps=+dac_override',
    '--ambient-caps=+dac_override',
  ];
}

async function postgresUser(): Promise<{ readonly uid: number; readonly gid: number }> {
  const existing = await lookUp('postgres');
  if (existing !== null) return existing;
  try {
    await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres']);
  } catch {
    // Another gateway may have made it meanwhile; the look-up decides.
  }
  const created = await lookUp('postgres');
  if (created !== null) return created;
  throw new Error(
    'Postgres does not run as root, and a system user `postgres` could not be made; run the gateway as another user, or make that user first',
  );
}

async function lookUp(name: string): Promise<{ readonly uid: number; readonly gid: number } | null> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { uid: Number.parseInt(uid.stdout, 10), gid: Number.parseInt(gid.stdout, 10) };
  } catch {
    return null;
  }
}

async function isReachable(path: string, uid: number, gid: number): Promise<boolean> {
  for (let folder = path; ; folder = dirname(folder)) {
    const found = await stat(folder);
    const bit = found.uid === uid ? 0o100 : found.gid === gid ? 0o010 : 0o001;
    if ((found.mode & bit) === 0) return false;
    if (dirname(folder) === folder) return true;
  }
}

async function requireSetpriv(path: string): Promise<void> {
  try {
    await run('setpriv', [...setprivArguments(0, 0), '--', 'true']);
  } catch {
    throw new Error(
      `the user postgres cannot reach ${path}, because a folder above it is closed to others; open it (chmod o+x), use a data directory elsewhere, or do not run as root`,
    );
  }
}
