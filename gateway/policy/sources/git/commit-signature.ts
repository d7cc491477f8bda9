// Owns the check of who signed a commit.
import type { GitClient } from './git-client.ts';

/** Throws an Error unless one of the allowed signers, and by an SSH signature, signed this very commit. */
export async function requireSignature(git: GitClient, commit: string, allowedSignersFile: string): Promise<void> {
  try {
    await git.run(['verify-commit', '--raw', commit]);
  } catch (error) {
    const said = error instanceof Error ? error.message : '';
    throw new Error(`commit ${commit} has no SSH signature of a key in ${allowedSignersFile} (${said})`);
  }
}
