// Owns one question to a node: what it answers is read strictly, and everything else is a node that is away.
import { ChainUnavailable } from '../chain-reader.ts';
import { UnexpectedAnswer } from './answer-shape.ts';
import type { RpcClient } from './json-rpc-client.ts';

/** Throws ChainUnavailable, with the method and what was wrong. */
export async function ask<T>(
  client: RpcClient,
  method: string,
  params: readonly unknown[],
  signal: AbortSignal,
  read: (result: unknown) => T,
): Promise<T> {
  const answer = await client.call(method, params, signal);
  const { host, clean } = client.endpoint;
  const about = `RPC ${host}, ${method}`;
  if (answer.kind === 'lost') throw new ChainUnavailable(`${about}: ${answer.reason}`);
  if (answer.kind === 'error') throw new ChainUnavailable(`${about}: error ${answer.code}: ${clean(answer.message)}`);
  try {
    return read(answer.result);
  } catch (error) {
    if (error instanceof UnexpectedAnswer) throw new ChainUnavailable(`${about}: ${error.message}`);
    throw error;
  }
}
