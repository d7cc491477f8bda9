import { createNoopSigner, getAddressEncoder, lamports } from '@solana/kit';
import * as loader from '@solana-program/loader-v3';
import { getCreateAccountInstruction, getTransferSolInstruction } from '@solana-program/system';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeLegacy } from '../../../../test/differential/corpus.ts';
import { judgeAndExecute } from '../../../../test/differential/execution.ts';
import {
  LOADER_V1_PROGRAM,
  LOADER_V2_PROGRAM,
  LOADER_V3_PROGRAM,
  SYSTEM_PROGRAM,
} from '../../transaction/programs/program-ids.ts';
import { rentExemption } from '../rent.ts';
import {
  BUFFER_HEADER,
  changed,
  closeBuffer,
  deploy,
  elf,
  expectExplained,
  freshKey,
  nextSlot,
  PROGRAM,
  PROGRAM_DATA,
  PROGRAM_SIZE,
  programData,
  run,
  STRANGER,
  setAuthority,
  stranger,
  svm,
  upgrade,
  WALLET,
  wallet,
  writtenBuffer,
} from '../testing/loader-scene.ts';

describe('the upgradeable loader, executed', () => {
  beforeAll(() => {
    nextSlot();
    for (const key of [WALLET, STRANGER]) svm.airdrop(key, lamports(100_000_000_000n));
    const buffer = writtenBuffer(5_000n);
    const deployed = deploy(PROGRAM, PROGRAM_DATA, buffer);
    expectExplained(deployed);
    expect(deployed.effects.operations).toMatchObject([{ kind: 'program_deploy', account: PROGRAM }]);
    expect(deployed.effects.closes).toMatchObject([{ account: buffer, owner: WALLET, destination: WALLET }]);
    expect(deployed.effects.rentLamports).toBe(
      rentExemption(PROGRAM_SIZE) + rentExemption(45n + BigInt(elf.length) + 100n),
    );
    expect(deployed.effects.outflows).toEqual([]);
    expect(deployed.effects.missing).toEqual([]);
  });

  it('upgrades a program: what the buffer holds goes to the spill account', () => {
    nextSlot();
    const buffer = writtenBuffer(7_000n);
    const upgraded = run(upgrade(buffer, WALLET));
    expectExplained(upgraded);
    expect(upgraded.effects.operations).toMatchObject([
      { kind: 'program_upgrade', account: PROGRAM, basis: 'message' },
    ]);
    expect(upgraded.effects.outflows).toEqual([]);
    expect(upgraded.effects.missing).toEqual([]);
    expect(upgraded.after.get(buffer)).toBeNull();
  });

  it('upgrades from one that a stranger gets the lamports of: an outflow, and not established', () => {
    nextSlot();
    const buffer = writtenBuffer(7_000n);
    run(getTransferSolInstruction({ source: stranger, destination: PROGRAM_DATA, amount: 900n }));
    const upgraded = run(upgrade(buffer, STRANGER));
    expectExplained(upgraded);
    const lamports = rentExemption(BUFFER_HEADER + BigInt(elf.length)) + 7_900n;
    expect(upgraded.effects.outflowsByRecipient).toEqual([{ asset: 'SOL', recipient: STRANGER, amount: lamports }]);
    expect(upgraded.effects.missing).toMatchObject([{ fact: 'amount' }]);
  });

  it('closes a buffer: all it holds goes to whom the authority names', () => {
    const own = writtenBuffer(3n);
    const back = run(closeBuffer(own, WALLET));
    expectExplained(back);
    expect(back.effects).toMatchObject({ outflows: [], missing: [] });
    expect(back.effects.operations).toMatchObject([{ kind: 'program_buffer_close', account: own }]);
    const given = writtenBuffer(3n);
    const away = run(closeBuffer(given, STRANGER));
    expectExplained(away);
    const lamports = rentExemption(BUFFER_HEADER + BigInt(elf.length)) + 3n;
    expect(away.effects.outflowsByRecipient).toEqual([{ asset: 'SOL', recipient: STRANGER, amount: lamports }]);
    expect(away.effects.closes).toMatchObject([{ account: given, owner: WALLET, destination: STRANGER }]);
    expect(away.effects.missing).toMatchObject([{ fact: 'amount' }]);
  });

  it('creates and closes at once: the rent goes to whom the loader pays, whoever the authority is', () => {
    const fresh = freshKey();
    const space = 4n;
    const create = getCreateAccountInstruction({
      payer: wallet,
      newAccount: createNoopSigner(fresh),
      lamports: rentExemption(space),
      space,
      programAddress: LOADER_V3_PROGRAM,
    });
    const close = { programAddress: LOADER_V3_PROGRAM, data: Uint8Array.of(5, 0, 0, 0) };
    const accounts = [fresh, STRANGER].map((key) => ({ address: key, role: 1 }));
    const gone = run(create, { ...close, accounts });
    expectExplained(gone);
    const amount = rentExemption(space);
    expect(gone.effects.outflowsByRecipient).toEqual([{ asset: 'SOL', recipient: STRANGER, amount }]);
  });

  it('extends a program: the payer pays what the bytes cost', () => {
    nextSlot();
    const instruction = loader.getExtendProgramInstruction({
      programDataAccount: PROGRAM_DATA,
      programAccount: PROGRAM,
      systemProgram: SYSTEM_PROGRAM,
      payer: wallet,
      additionalBytes: 10_240,
    });
    const extended = run(instruction);
    expect(extended.effects.rentLamports).toBe(10_240n * 6_960n);
    expect(changed(extended, WALLET)).toBe(-5_000n - 10_240n * 6_960n);
    expect(extended.effects.operations).toMatchObject([{ kind: 'program_extend', account: PROGRAM }]);
  });

  it('gives a buffer and a program to another authority', () => {
    const buffer = writtenBuffer();
    const given = run(setAuthority(buffer, STRANGER));
    expectExplained(given);
    expect(given.effects.authorityChanges).toEqual([
      { instruction: 0, basis: 'state', kind: 'program_buffer_authority', account: buffer, from: WALLET, to: STRANGER },
    ]);
    expect(given.after.get(buffer)?.data.subarray(5, 37)).toEqual(new Uint8Array(getAddressEncoder().encode(STRANGER)));
    const checked = loader.getSetAuthorityCheckedInstruction({
      bufferOrProgramDataAccount: PROGRAM_DATA,
      currentAuthority: wallet,
      newAuthority: stranger,
    });
    const back = loader.getSetAuthorityCheckedInstruction({
      bufferOrProgramDataAccount: PROGRAM_DATA,
      currentAuthority: stranger,
      newAuthority: wallet,
    });
    const twice = run(checked, back);
    expect(twice.effects.authorityChanges).toMatchObject([
      { kind: 'program_upgrade_authority', account: PROGRAM_DATA, from: WALLET, to: STRANGER },
      { kind: 'program_upgrade_authority', account: PROGRAM_DATA, from: STRANGER, to: WALLET },
    ]);
  });

  it('gives a program up for good', async () => {
    const program = freshKey();
    const account = await programData(program);
    deploy(program, account, writtenBuffer());
    const given = run(setAuthority(account));
    expect(given.effects.authorityChanges).toMatchObject([
      { kind: 'program_upgrade_authority', account, from: WALLET, to: null },
    ]);
    expect(given.after.get(account)?.data[12]).toBe(0);
  });

  it('closes a program: its data go, their lamports with them', () => {
    nextSlot();
    const close = loader.getCloseInstruction({
      bufferOrProgramDataAccount: PROGRAM_DATA,
      destinationAccount: WALLET,
      authority: wallet,
      programAccount: PROGRAM,
    });
    // The published client marks the program readonly; the runtime wants to write to it.
    const accounts = close.accounts.map((account, i) => (i === 3 ? { ...account, role: 1 } : account));
    const closed = run({ ...close, accounts });
    expectExplained(closed);
    expect(closed.effects.operations).toMatchObject([{ kind: 'program_close', account: PROGRAM }]);
    expect(closed.effects.closes).toMatchObject([{ account: PROGRAM_DATA, owner: WALLET, destination: WALLET }]);
    expect(closed.effects.missing).toEqual([]);
  });
});

describe('the first two loaders, executed', () => {
  it.each([LOADER_V1_PROGRAM, LOADER_V2_PROGRAM])('refuse their instructions: %s', (programAddress) => {
    const data = Uint8Array.of(1, 0, 0, 0);
    const finalize = { programAddress, accounts: [{ address: PROGRAM, role: 3 }], data };
    const wire = encodeLegacy(WALLET, svm.latestBlockhash(), [finalize]);
    expect(judgeAndExecute(svm, wire, WALLET).error).toContain('UnsupportedProgramId');
  });
});
