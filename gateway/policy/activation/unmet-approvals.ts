// Owns the telling that a policy asks for approvals which operators, as they are, could not give: what it asks for would wait in vain.

import { unmetText } from '../../core/approval/unmet.ts';
import type { ApprovalRequirement } from '../../core/decision/decision.ts';
import { parseJson } from '../../core/decision/json-value.ts';
import type { PolicyStore } from '../../state/contract/policy-store.ts';
import type { PrincipalStore } from '../../state/contract/principal-store.ts';
import { requirementIn } from '../build/approval-problems.ts';
import { objectsIn } from '../build/data-parts.ts';
import { readArchive } from '../bundle/read-archive.ts';
import { readBundle } from '../bundle/read-bundle.ts';
import type { UnmetApprovals } from '../policy-control.ts';

export interface UnmetApprovalsOptions {
  readonly store: Pick<PolicyStore, 'archive'>;
  readonly principals: Pick<PrincipalStore, 'list'>;
}

interface Asked {
  readonly requirement: ApprovalRequirement;
  /** Of the data, such as `agents.trader.wallets.treasury.human_approval`. */
  readonly places: readonly string[];
}

const MOST_TOLD = 20;

export function createUnmetApprovals({ store, principals }: UnmetApprovalsOptions): UnmetApprovals {
  let last: { readonly revision: string; readonly asked: readonly Asked[] } | null = null;
  const askedBy = async (revision: string): Promise<readonly Asked[]> => {
    if (last?.revision === revision) return last.asked;
    const archive = await store.archive(revision);
    if (archive === null) return [];
    const { data } = readBundle(readArchive(archive, revision), revision);
    const asked = approvalsIn(data);
    last = { revision, asked };
    return asked;
  };
  return async (revision) => {
    const approvers = (await principals.list()).flatMap(({ principal, disabledAt }) =>
      principal.kind === 'operator' && disabledAt === null && principal.roles.includes('approver') ? [principal] : [],
    );
    const sentences = (await askedBy(revision)).flatMap(({ requirement, places }) => {
      const unmet = unmetText(requirement, approvers);
      const [first, ...others] = places;
      const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
      return unmet === null ? [] : [`${first}${more} asks for ${unmet}`];
    });
    return sentences.slice(0, MOST_TOLD);
  };
}

/** The same requirement once, with all its places. */
function approvalsIn(data: Uint8Array): readonly Asked[] {
  const found = new Map<string, { requirement: ApprovalRequirement; places: string[] }>();
  for (const { path, object } of objectsIn(parseJson(new TextDecoder().decode(data)), [])) {
    const requirement = requirementIn(object);
    if (requirement === null) continue;
    const key = JSON.stringify(requirement);
    const asked = found.get(key) ?? { requirement, places: [] };
    asked.places.push(path.slice(path[0] === 'countersign' ? 1 : 0).join('.'));
    found.set(key, asked);
  }
  return [...found.values()];
}
