// Owns the only form in which a key leaves the gateway: a key file of the Solana CLI, encrypted by age to one recipient.
import { armor, Encrypter } from 'age-encryption';

/** Of an X25519 key. Longer ones, of post-quantum keys, nobody compares by eye before a vote. */
const RECIPIENT = /^age1[02-9ac-hj-np-z]{58}$/;

/** Whether something can be encrypted to it: tried, because a text of the right form may still be no key. */
export async function isRecipient(text: string): Promise<boolean> {
  if (!RECIPIENT.test(text)) return false;
  try {
    await encrypted(new Uint8Array(0), text);
    return true;
  } catch {
    return false;
  }
}

/** The armored text. `keyPair`: 64 bytes, which the caller wipes. Throws where the recipient is none; see {@link isRecipient}. */
export async function sealKeyFile(keyPair: Uint8Array, recipient: string): Promise<string> {
  const file = keyFileOf(keyPair);
  try {
    return armor.encode(await encrypted(file, recipient));
  } finally {
    file.fill(0);
  }
}

function encrypted(file: Uint8Array, recipient: string): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  return encrypter.encrypt(file);
}

/** JSON array of numbers, byte by byte: a string of a key could not be wiped. */
function keyFileOf(keyPair: Uint8Array): Uint8Array {
  const [open, comma, close, zero] = [0x5b, 0x2c, 0x5d, 0x30];
  const file = new Uint8Array(keyPair.length * 4 + 1);
  let at = 0;
  file[at++] = open;
  for (const [i, byte] of keyPair.entries()) {
    if (i > 0) file[at++] = comma;
    if (byte >= 100) file[at++] = zero + Math.floor(byte / 100);
    if (byte >= 10) file[at++] = zero + (Math.floor(byte / 10) % 10);
    file[at++] = zero + (byte % 10);
  }
  file[at++] = close;
  return file.subarray(0, at);
}
