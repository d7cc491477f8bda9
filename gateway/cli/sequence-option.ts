// Owns how a sequence of the audit chain is given on the command line.
import { UsageError } from './exit.ts';

export function sequenceOption(option: string, text: string): bigint {
  if (!/^[0-9]{1,18}$/.test(text))
    throw new UsageError(`${option} is the sequence of an audit record, 0 or more; not ${text}`);
  return BigInt(text);
}
