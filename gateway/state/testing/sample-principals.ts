// Owns principals and wallets that tests put into the record.
import { randomBytes, randomUUID } from 'node:crypto';
import { addressFromBytes } from '../../core/base58.ts';
import type { Operator, Wallet } from '../../core/principal/principal.ts';
import type { OperatorChangeResult } from '../contract/principal-store.ts';
import type { State } from '../contract/state.ts';
import { sampleEntry } from './sample-request.ts';

export function sampleWallet(id: string): Wallet {
  return { id, address: addressFromBytes(new Uint8Array(randomBytes(32))) };
}

/** An approver in no group unless `change` says otherwise; not yet in the record. */
export function sampleOperator(id: string, change: Partial<Operator> = {}): Operator {
  return { kind: 'operator', id, roles: ['approver'], groups: [], ...change };
}

export async function createOperator(state: State, operator: Operator): Promise<Operator> {
  const created = await state.principals.create(operator, sampleEntry('principal.created'));
  if (typeof created === 'string') throw new Error(`the operator ${operator.id} was not created: ${created}`);
  return operator;
}

/** As it calls with an API key that it has. */
export async function createAdmin(state: State, id: string): Promise<Operator> {
  const admin = await createOperator(state, sampleOperator(id, { roles: ['admin'] }));
  const keyId = randomUUID();
  const key = { keyId, principalId: id, secretHash: new Uint8Array(32) };
  await state.principals.createKey(key, sampleEntry('api_key.created'));
  return { ...admin, keyId };
}

/** As whoever does it who looks right before. */
export async function changeRights(
  { principals }: Pick<State, 'principals'>,
  operatorId: string,
  rights: Partial<Pick<Operator, 'roles' | 'groups'>>,
): Promise<OperatorChangeResult> {
  const looked = (await principals.list()).find(({ principal }) => principal.id === operatorId);
  if (looked?.principal.kind !== 'operator') throw new Error(`there is no operator ${operatorId}`);
  const { roles, groups } = { ...looked.principal, ...rights };
  const change = { operatorId, roles, groups, revision: looked.revision };
  return principals.changeOperator(change, sampleEntry('operator.changed'));
}
