import { expect, it } from 'vitest';
import { isFinal, nextState, REQUEST_EVENTS, REQUEST_STATES, type RequestState, transition } from './request-state.ts';

it('has an answer for every pair of state and event', () => {
  for (const state of REQUEST_STATES) {
    for (const event of REQUEST_EVENTS) {
      expect(['moves', 'stays', 'refused']).toContain(transition(state, event).kind);
    }
  }
});

it('is final exactly in the states that the design calls final', () => {
  expect(REQUEST_STATES.filter(isFinal)).toEqual(['DENIED', 'SIGNING_FAILED', 'FINALIZED', 'FAILED', 'EXPIRED']);
});

it('reaches a signature only by way of SIGNING', () => {
  const sources = REQUEST_STATES.filter((state) =>
    REQUEST_EVENTS.some((event) => {
      const next = transition(state, event);
      return next.kind === 'moves' && next.to === 'SIGNED';
    }),
  );
  expect(sources).toEqual(['SIGNING']);
});

it('never enters SIGNING from a state after it, so that no request is signed twice', () => {
  const reachable = statesAfter('SIGNING');
  expect([...reachable].some((state) => transition(state, 'signing_started').kind !== 'refused')).toBe(false);
});

it('never leaves a denial', () => {
  expect([...statesAfter('DENIED')]).toEqual([]);
});

it('lets every open state end', () => {
  for (const state of REQUEST_STATES) {
    if (isFinal(state)) continue;
    expect([...statesAfter(state)].some(isFinal), state).toBe(true);
  }
});

it('throws when an event must not happen', () => {
  expect(() => nextState('DENIED', 'signing_started')).toThrow('DENIED cannot take the event signing_started');
});

function statesAfter(start: RequestState): Set<RequestState> {
  const seen = new Set<RequestState>();
  const queue: RequestState[] = [start];
  for (let state = queue.pop(); state !== undefined; state = queue.pop()) {
    for (const event of REQUEST_EVENTS) {
      const next = transition(state, event);
      if (next.kind === 'moves' && !seen.has(next.to)) {
        seen.add(next.to);
        queue.push(next.to);
      }
    }
  }
  return seen;
}
