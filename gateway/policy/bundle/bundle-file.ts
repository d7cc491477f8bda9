// Owns reading one file of a bundle from a directory: a regular file of a bounded size, and never what a symbolic link names.
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { malformed } from './malformed.ts';

/** Throws an Error that names the file and what is wrong with it. `name` is the path in the bundle. */
export async function readBundleFile(
  directory: string,
  name: string,
  largest: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const file = await open(
    join(directory, name),
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  ).catch((error: unknown) => {
    throw malformed(directory, name, whyNotOpened(error));
  });
  try {
    const { size } = requireFile(await file.stat(), directory, name, largest);
    const bytes = new Uint8Array(size);
    let length = 0;
    while (length < size) {
      const { bytesRead } = await file.read(bytes, length, size - length, length);
      if (bytesRead === 0) throw malformed(directory, name, 'it became shorter while it was read');
      length += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

function requireFile(
  stat: { isFile(): boolean; readonly size: number },
  directory: string,
  name: string,
  largest: number,
): { readonly size: number } {
  if (!stat.isFile()) throw malformed(directory, name, 'it must be a regular file');
  if (stat.size > largest) {
    throw malformed(directory, name, `it has ${stat.size} bytes; at most ${largest} are read`);
  }
  return stat;
}

function whyNotOpened(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'it went away while the bundle was read';
  if (code === 'ELOOP') return 'symbolic links are not followed; it must be a regular file';
  return error instanceof Error ? error.message : String(error);
}
