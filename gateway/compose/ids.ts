// Owns how ids are made: UUIDs in order of time, so that their index in the database grows at its end.
import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

const ID_BYTES = 16;
const IDS_A_FILL = 256;

/** One call of the system's random source serves many ids: it costs more than all the rest of an id. */
export function createIdSource(): () => string {
  const pool = new Uint8Array(ID_BYTES * IDS_A_FILL);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const random = pool.subarray(used, used + ID_BYTES);
    used += ID_BYTES;
    return v7({ random });
  };
}
