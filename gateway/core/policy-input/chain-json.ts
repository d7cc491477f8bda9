// Owns the `chain` part of a policy input. Keys stand in code point order. Exactly one shape, nothing else in it:
//   "chain": {
//     "cached": [{ "address": "<base58 of a lookup table or mint>", "slot": 123 }],   required, mostly empty
//     "endpoints": 1,                                                                 required, at least 1
//     "slot": 456                                                                     absent when nothing was read
//   }
// `slot`: the oldest slot of what was read for this judgement. `cached[].slot`: when that one was read. `endpoints`: how many nodes
// had to give the same answer for each fact.
import type { CachedFact, ChainReading } from '../effects/chain-facts.ts';
import { list, text, whole } from './json-text.ts';

export function chainJson({ cached, endpoints, slot }: ChainReading): string {
  return (
    `{"cached":${list(cached, cachedFactJson)},"endpoints":${whole(endpoints)}` +
    `${slot === null ? '' : `,"slot":${slot}`}}`
  );
}

function cachedFactJson({ address, slot }: CachedFact): string {
  return `{"address":${text(address)},"slot":${slot}}`;
}
