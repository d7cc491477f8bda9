// Owns the one instruction that Anchor itself puts into programs that emit events by calling themselves (`emit_cpi!`).
import { overlap } from './discriminator.ts';
import type { InstructionDescription } from './program-description.ts';

/** anchor-lang, `EVENT_IX_TAG`: the first 8 bytes of SHA-256 over `anchor:event`, in reverse. */
const EVENT_TAG = Uint8Array.of(0xe4, 0x45, 0xa5, 0x2e, 0x51, 0xcb, 0x9a, 0x1d);

/** It does nothing but stand in the record of the transaction, and only the program itself can sign for it. */
const ANCHOR_EVENT: InstructionDescription = {
  name: 'anchor_event',
  place: 'events',
  discriminator: { bytes: [{ offset: 0, bytes: EVENT_TAG }], size: null },
  roles: [{ name: 'event_authority', optional: false }],
  absentAccounts: 'program_id',
  argumentsOffset: EVENT_TAG.length,
  arguments: [{ name: 'event', type: { kind: 'bytes', count: { kind: 'remainder' } }, shown: true }],
};

/** With that instruction, unless one of the program's own is like it. */
export function withAnchorEvent(instructions: readonly InstructionDescription[]): readonly InstructionDescription[] {
  const taken = instructions.some(
    ({ name, discriminator }) => name === ANCHOR_EVENT.name || overlap(discriminator, ANCHOR_EVENT.discriminator),
  );
  return taken ? instructions : [...instructions, ANCHOR_EVENT];
}
