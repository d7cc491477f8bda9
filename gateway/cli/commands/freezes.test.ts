import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FreezeRecord } from '../../core/controls/freeze.ts';
import { GatewayError } from '../../core/errors.ts';
import { controlPlane, type Plane } from '../../rpc/testing/planes.ts';
import { OPERATOR } from '../../rpc/testing/samples.ts';
import { fakeTerminal } from '../testing/fake-terminal.ts';

const ID = '01890a5d-ac96-774b-bcce-b302099a8057';

const FREEZE: FreezeRecord = {
  freezeId: ID,
  scope: 'agent',
  target: 'trader',
  reason: 'stolen\u202ekey',
  frozenBy: 'ann',
  frozenAt: 1_700_000_000_000,
  votes: [
    { operatorId: 'ben', reason: 'found', time: 1, counts: true },
    { operatorId: 'gone', reason: 'found', time: 2, counts: false },
  ],
  lifted: null,
};

let plane: Plane;
let env: Record<string, string>;
let asked: unknown[];
let found: readonly FreezeRecord[];
let isNew: boolean;

beforeEach(async () => {
  [asked, found, isNew] = [[], [FREEZE], true];
  plane = await controlPlane({
    freezing: {
      freeze: async (_by, ask) => {
        asked.push(ask);
        if (ask.target === 'tradre') throw new GatewayError('INVALID_FIELD', 'did you mean trader?');
        return { freeze: { ...FREEZE, scope: ask.scope, target: ask.target }, isNew };
      },
      voteToLift: async (_by, name, reason) => {
        asked.push([name, reason]);
        return found[0] ?? FREEZE;
      },
      list: async (filter) => {
        asked.push(filter);
        return found;
      },
    },
  });
  env = { COUNTERSIGN_CONTROL_ADDRESS: plane.address, COUNTERSIGN_API_KEY: plane.principals.add(OPERATOR) };
});

afterEach(() => plane.close());

async function run(...args: readonly string[]) {
  const terminal = fakeTerminal(env);
  const code = await terminal.run(...args);
  return { code, out: terminal.out.join('\n'), err: terminal.err.join('\n') };
}

describe('countersign freeze', () => {
  it('freezes what is named', async () => {
    expect(await run('freeze', 'agent', 'trader', '--reason', 'stolen')).toMatchObject({
      code: 0,
      out: `frozen: agent trader (${ID})`,
    });
    expect((await run('freeze', 'all', '--reason', 'stolen')).out).toBe(`frozen: all (${ID})`);
    expect(asked).toEqual([
      { scope: 'agent', target: 'trader', reason: 'stolen' },
      { scope: 'all', target: '', reason: 'stolen' },
    ]);
  });

  it('says who froze it before', async () => {
    isNew = false;
    const { code, out } = await run('freeze', 'agent', 'trader', '--reason', 'stolen');
    expect(code).toBe(0);
    expect(out).toBe(`agent trader was frozen before, by ann at 2023-11-14T22:13:20.000Z: stolen\\u{202e}key (${ID})`);
  });

  it.each([
    [['freeze', 'agent', 'tradre', '--reason', 'x'], 1, 'did you mean trader?'],
    [['freeze', 'agents', 'trader', '--reason', 'x'], 2, 'one of all, agent, wallet, program, mint, recipient'],
    [['freeze', 'agent', 'trader'], 2, "required option '--reason <text>'"],
    [['unfreeze', ID], 2, "required option '--reason <text>'"],
    [['unfreeze', 'toString', '--reason', 'x'], 2, 'recipient, or the id of a freeze; not toString'],
  ])('%j ends with %i and says why', async (args, code, text) => {
    const result = await run(...args);
    expect(result.code).toBe(code);
    expect(result.err).toContain(text);
  });
});

describe('countersign unfreeze', () => {
  it('votes by id or by what is frozen, and says how many votes there are', async () => {
    expect((await run('unfreeze', ID, '--reason', 'ok')).out).toBe(
      'voted: agent trader stays frozen, with 1 of 2 votes to lift it',
    );
    found = [{ ...FREEZE, lifted: { by: 'olga', at: 1_700_000_001_000 } }];
    expect((await run('unfreeze', 'agent', 'trader', '--reason', 'ok')).out).toBe(
      'lifted: agent trader is not frozen any more',
    );
    expect(asked).toEqual([
      [{ kind: 'id', freezeId: ID }, 'ok'],
      [{ kind: 'target', scope: 'agent', target: 'trader' }, 'ok'],
    ]);
  });
});

describe('countersign freezes', () => {
  it('lists what is frozen with the votes that count', async () => {
    const { code, out } = await run('freezes');
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`${ID} +agent trader +ann +2023-11-14T22:13:20.000Z +1 of 2 votes +stolen`));
    expect(asked).toEqual([{ lifted: false }]);
  });

  it('says who lifted what, and that nothing is frozen', async () => {
    found = [{ ...FREEZE, lifted: { by: 'olga', at: 1_700_000_001_000 } }];
    expect((await run('freezes', '--lifted')).out).toMatch(/by olga/);
    expect(asked).toEqual([{ lifted: true }]);
    found = [];
    expect((await run('freezes')).out).toBe('nothing is frozen');
  });
});

it('countersign freezes says that the gateway only reads', async () => {
  const reading = await controlPlane({ isReadOnly: true, freezing: { list: async () => [] } });
  env.COUNTERSIGN_CONTROL_ADDRESS = reading.address;
  env.COUNTERSIGN_API_KEY = reading.principals.add(OPERATOR);
  expect((await run('freezes')).out).toBe(
    'this gateway only reads: it judges, and neither signs nor sends\nnothing is frozen',
  );
  await reading.close();
});
