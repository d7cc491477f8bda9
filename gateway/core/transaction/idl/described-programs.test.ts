import { describe, expect, it } from 'vitest';
import { knownAddress } from '../../base58.ts';
import { NATIVE_PROGRAMS } from '../programs/decode-instruction.ts';
import { TOKEN_PROGRAM } from '../programs/program-ids.ts';
import { readDescribedPrograms } from './described-programs.ts';
import { anchorIdl, oldAnchorIdl, PROGRAM, SOMEBODY } from './testing/idl-samples.ts';

const oldAct = { name: 'act', accounts: [], args: [] };

describe('together, IDLs are refused for', () => {
  const other = { ...anchorIdl('u8'), address: SOMEBODY };

  it('a program that the gateway decodes itself', () => {
    const read = readDescribedPrograms([{ address: TOKEN_PROGRAM, json: oldAnchorIdl([oldAct]) }]);
    const problem = 'this program is decoded by the gateway itself; it takes no IDL';
    expect(read).toEqual({ kind: 'refused', problems: [{ address: TOKEN_PROGRAM, problem }] });
  });

  it.each(NATIVE_PROGRAMS.map(({ name }) => name))(
    'the name %s, which the gateway gives to a program of its own',
    (name) => {
      const read = readDescribedPrograms([{ address: PROGRAM, json: { ...oldAnchorIdl([oldAct]), name } }]);
      const problem = `its name ${name} is also that of a program that the gateway decodes itself; change the name in the IDL`;
      expect(read).toEqual({ kind: 'refused', problems: [{ address: PROGRAM, problem }] });
    },
  );

  it('one name of two programs', () => {
    const read = readDescribedPrograms([
      { address: PROGRAM, json: anchorIdl('u8') },
      { address: knownAddress(SOMEBODY), json: other },
    ]);
    const problem = `its name sample is also that of ${PROGRAM}; change the name in the IDL`;
    expect(read).toEqual({ kind: 'refused', problems: [{ address: SOMEBODY, problem }] });
  });

  it('nothing, when all are well', () => {
    const named = { ...other, metadata: { ...other.metadata, name: 'another' } };
    const read = readDescribedPrograms([
      { address: PROGRAM, json: anchorIdl('u8') },
      { address: knownAddress(SOMEBODY), json: named },
    ]);
    expect(read.kind === 'read' ? [...read.programs.keys()] : read.problems).toEqual([PROGRAM, SOMEBODY]);
  });
});
