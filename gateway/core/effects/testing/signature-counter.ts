// Owns a program for LiteSVM that logs how many signatures it is given, and fails where it is given any.
import { SbpfAssembler } from '../../../../test/programs/sbpf-assembler.ts';
import { elfOf } from '../../../../test/programs/sbpf-elf.ts';

/** Bytes behind the data of each account by which it may grow. */
const GROWTH_BYTES = 10_240;
const NO_DUPLICATE = 0xff;
const [r0, r1, r2, r3, r4, r5, r6] = [0, 1, 2, 3, 4, 5, 6] as const;

/** The ELF file of the program. */
export function signatureCounter(): Uint8Array {
  const program = new SbpfAssembler();
  // r1: where we read; r2: number of accounts; r5: which account; r6: signatures.
  program.load(r2, r1, 0).add(r1, 8).set(r5, 0).set(r6, 0);
  program.label('account').jumpIfEqual(r5, r2, 'end').add(r5, 1);
  program.load(r3, r1, 0, 1).jumpUnless(r3, NO_DUPLICATE, 'duplicate');
  // Layout: 0xff, signer, two flags, 4 bytes, key, owner, lamports, data length, data, room to grow, rent epoch.
  program.load(r4, r1, 1, 1).addRegister(r6, r4).load(r3, r1, 80);
  program
    .addRegister(r1, r3)
    .add(r1, 88 + GROWTH_BYTES + 7)
    .and(r1, -8)
    .add(r1, 8)
    .jump('account');
  program.label('duplicate').add(r1, 8).jump('account');
  program.label('end').move(r1, r6).syscall('sol_log_64_').move(r0, r6).exit();
  return elfOf(program.assemble());
}
