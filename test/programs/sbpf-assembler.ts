// Owns writing sBPF programs (version 0) as text of instructions: enough of the machine for the small programs of tests.

/** Registers r0 to r10. */
export type Register = number;

/** Width of a load or a store in bytes. */
type Width = 1 | 8;

export interface SyscallPlace {
  /** Position of the call among the instructions. */
  readonly slot: number;
  readonly name: string;
}

export interface AssembledProgram {
  readonly code: Uint8Array;
  readonly syscalls: readonly SyscallPlace[];
}

const LOAD = { 1: 0x71, 8: 0x79 } as const;
const STORE = { 1: 0x73, 8: 0x7b } as const;
const SLOT = 8;

/** Instructions are added in order; a jump may name a label that comes later. */
export class SbpfAssembler {
  readonly #slots: Uint8Array[] = [];
  readonly #labels = new Map<string, number>();
  readonly #jumps: { readonly slot: number; readonly label: string }[] = [];
  readonly #syscalls: SyscallPlace[] = [];

  label(name: string): this {
    this.#labels.set(name, this.#slots.length);
    return this;
  }

  /** to = *(from + offset) */
  load(to: Register, from: Register, offset: number, width: Width = 8): this {
    return this.#add(LOAD[width], to, from, offset, 0);
  }

  /** *(to + offset) = from */
  store(to: Register, offset: number, from: Register, width: Width = 8): this {
    return this.#add(STORE[width], to, from, offset, 0);
  }

  move(to: Register, from: Register): this {
    return this.#add(0xbf, to, from, 0, 0);
  }

  set(to: Register, value: number): this {
    return this.#add(0xb7, to, 0, 0, value);
  }

  /** A constant of 64 bits takes two slots. */
  setLong(to: Register, value: bigint): this {
    this.#add(0x18, to, 0, 0, Number(BigInt.asIntN(32, value)));
    return this.#add(0, 0, 0, 0, Number(BigInt.asIntN(32, value >> 32n)));
  }

  add(to: Register, value: number): this {
    return this.#add(0x07, to, 0, 0, value);
  }

  addRegister(to: Register, from: Register): this {
    return this.#add(0x0f, to, from, 0, 0);
  }

  multiply(to: Register, value: number): this {
    return this.#add(0x27, to, 0, 0, value);
  }

  and(to: Register, value: number): this {
    return this.#add(0x57, to, 0, 0, value);
  }

  jump(label: string): this {
    return this.#jump(label, 0x05, 0, 0, 0);
  }

  jumpIfEqual(left: Register, right: Register, label: string): this {
    return this.#jump(label, 0x1d, left, right, 0);
  }

  jumpUnless(left: Register, value: number, label: string): this {
    return this.#jump(label, 0x55, left, 0, value);
  }

  syscall(name: string): this {
    this.#syscalls.push({ slot: this.#slots.length, name });
    // The loader puts the hash of the name in place of -1.
    return this.#add(0x85, 0, 1, 0, -1);
  }

  exit(): this {
    return this.#add(0x95, 0, 0, 0, 0);
  }

  assemble(): AssembledProgram {
    for (const { slot, label } of this.#jumps) {
      const target = this.#labels.get(label);
      const instruction = this.#slots[slot];
      if (target === undefined || instruction === undefined) throw new Error(`there is no label ${label}`);
      new DataView(instruction.buffer).setInt16(2, target - slot - 1, true);
    }
    const code = new Uint8Array(this.#slots.length * SLOT);
    for (const [n, slot] of this.#slots.entries()) code.set(slot, n * SLOT);
    return { code, syscalls: this.#syscalls };
  }

  #jump(label: string, opcode: number, left: Register, right: Register, value: number): this {
    this.#jumps.push({ slot: this.#slots.length, label });
    return this.#add(opcode, left, right, 0, value);
  }

  #add(opcode: number, to: Register, from: Register, offset: number, value: number): this {
    const slot = new DataView(new ArrayBuffer(SLOT));
    slot.setUint8(0, opcode);
    slot.setUint8(1, (from << 4) | to);
    slot.setInt16(2, offset, true);
    slot.setInt32(4, value, true);
    this.#slots.push(new Uint8Array(slot.buffer));
    return this;
  }
}
