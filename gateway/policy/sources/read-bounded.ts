// Owns the reading of a file of which nobody knows how large it is.
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** Throws an Error that says what is wrong with the file. Links are followed: whoever configured the path meant what it leads to. */
export async function readBounded(file: string, largest: number): Promise<Uint8Array<ArrayBuffer>> {
  const opened = await open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
    throw new Error(`${file} cannot be read (${codeOf(error)})`);
  });
  try {
    const stat = await opened.stat();
    if (!stat.isFile()) throw new Error(`${file} must be a regular file`);
    if (stat.size > largest) throw new Error(`${file} has ${stat.size} bytes; at most ${largest} are read`);
    const bytes = new Uint8Array(stat.size);
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await opened.read(bytes, length, bytes.length - length, length);
      if (bytesRead === 0) throw new Error(`${file} became shorter while it was read`);
      length += bytesRead;
    }
    return bytes;
  } finally {
    await opened.close();
  }
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error);
}
