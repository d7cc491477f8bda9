import { describe, expect, it } from 'vitest';
import { createCircuitBreaker, OPEN_MS, OPENS_AFTER } from './circuit-breaker.ts';

function scene() {
  let now = 1_000;
  const moves: string[] = [];
  const breaker = createCircuitBreaker(
    () => now,
    (state) => moves.push(state),
  );
  const call = () => {
    const passage = breaker.pass();
    if (passage === null) throw new Error('the breaker let nothing through');
    return passage;
  };
  return {
    breaker,
    moves,
    call,
    fail: (times: number) => {
      for (let n = 0; n < times; n++) call().failed();
    },
    letPass: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

describe('the circuit breaker', () => {
  it('opens after five failures in a row, and not for five with a success between them', () => {
    const { breaker, call, fail, moves } = scene();
    fail(OPENS_AFTER - 1);
    call().succeeded();
    fail(OPENS_AFTER - 1);
    expect(breaker.state()).toBe('closed');
    call().unjudged();
    fail(1);
    expect(breaker.state()).toBe('open');
    expect(breaker.pass()).toBeNull();
    expect(moves).toEqual(['open']);
  });

  it('lets one call through after its time, and closes when that succeeds', () => {
    const { breaker, call, fail, letPass, moves } = scene();
    fail(OPENS_AFTER);
    letPass(OPEN_MS - 1);
    expect(breaker.admits()).toBe(false);
    letPass(1);
    const probe = call();
    expect([breaker.state(), breaker.pass()]).toEqual(['half_open', null]);
    probe.succeeded();
    expect([breaker.state(), moves]).toEqual(['closed', ['open', 'closed']]);
    fail(OPENS_AFTER - 1);
    expect(breaker.state()).toBe('closed');
  });

  it('opens for its whole time again when that one fails', () => {
    const { breaker, call, fail, letPass } = scene();
    fail(OPENS_AFTER);
    letPass(OPEN_MS);
    call().failed();
    letPass(OPEN_MS - 1);
    expect(breaker.admits()).toBe(false);
    letPass(1);
    expect(breaker.admits()).toBe(true);
  });

  it('lets the next one try where nothing can be said of the first', () => {
    const { breaker, call, fail, letPass } = scene();
    fail(OPENS_AFTER);
    letPass(OPEN_MS);
    call().unjudged();
    call().succeeded();
    expect(breaker.state()).toBe('closed');
  });

  it('hears nothing of calls that were begun before it opened', () => {
    const { breaker, call, fail, letPass } = scene();
    const [early, late] = [call(), call()];
    fail(OPENS_AFTER);
    early.succeeded();
    expect(breaker.state()).toBe('open');
    letPass(OPEN_MS);
    const probe = call();
    late.failed();
    expect(breaker.state()).toBe('half_open');
    probe.succeeded();
    expect(breaker.state()).toBe('closed');
  });

  it('hears of a call once', () => {
    const { breaker, call, fail } = scene();
    fail(OPENS_AFTER - 2);
    const passage = call();
    passage.failed();
    passage.failed();
    expect(breaker.state()).toBe('closed');
  });
});
