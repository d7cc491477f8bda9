import { expect, it } from 'vitest';
import type { Principal } from '../../core/principal/principal.ts';
import { writeArchive } from '../bundle/write-archive.ts';
import { tinyBundle } from '../preparation/testing/tiny-bundles.ts';
import { createUnmetApprovals } from './unmet-approvals.ts';

const asks = (quorum: number, groups: readonly string[]) => ({ quorum, groups, timeout_seconds: 60 });
const wallets = {
  treasury: { human_approval: { always: true, ...asks(2, ['board']) }, limits: [{ approval: asks(1, []) }] },
  payroll: { human_approval: { always: false, ...asks(2, ['board']) } },
};
const data = JSON.stringify({ countersign: { agents: { trader: { wallets } } } });

it('tells the approvals that the data of a revision ask for and nobody could give, as long as that is so', async () => {
  const archive = writeArchive(await tinyBundle({ revision: 'r1', data }));
  let principals: readonly { readonly principal: Principal; readonly disabledAt: number | null }[] = [];
  const read: string[] = [];
  const unmet = createUnmetApprovals({
    store: {
      archive: async (revision) => {
        read.push(revision);
        return revision === 'r1' ? archive : null;
      },
    },
    principals: { list: async () => principals.map((each) => ({ ...each, createdAt: 0, revision: 1n })) },
  });
  const person = (id: string, groups: readonly string[], disabledAt: number | null = null) => ({
    principal: { kind: 'operator', id, roles: ['approver'], groups } as const,
    disabledAt,
  });
  principals = [person('ann', ['board']), person('gone', ['board'], 5)];
  const board =
    'agents.trader.wallets.treasury.human_approval (and 1 more) asks for 2 approvals from board: operators as they are could give 1';
  expect(await unmet('r1')).toEqual([board]);
  principals = [{ principal: { kind: 'operator', id: 'ann', roles: ['admin'], groups: ['board'] }, disabledAt: null }];
  expect(await unmet('r1')).toEqual([
    board.replace('give 1', 'give 0'),
    'agents.trader.wallets.treasury.limits.0.approval asks for 1 approval: operators as they are could give 0',
  ]);
  principals = [person('ann', ['board']), person('ben', ['board'])];
  expect(await unmet('r1')).toEqual([]);
  expect(read).toEqual(['r1']);
  expect(await unmet('never kept')).toEqual([]);
});
