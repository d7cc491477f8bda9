import { describe, expect, it } from 'vitest';
import { refuseStale } from './rollback-protection.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const HOUR = 3_600_000;

const active = { revision: 'active', builtAt: NOW - HOUR };
const candidate = { revision: 'next', builtAt: NOW - HOUR + 1, everActive: false };

function code(
  change: { readonly revision?: string; readonly builtAt?: number | null; readonly everActive?: boolean },
  deciding: readonly { revision: string; builtAt: number | null }[] = [active],
) {
  try {
    refuseStale({ ...candidate, ...change }, deciding, NOW);
    return 'taken';
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
}

describe('a bundle of a source', () => {
  it('is taken when it was built after what decides, or at the same moment', () => {
    expect(code({})).toBe('taken');
    expect(code({ builtAt: active.builtAt })).toBe('taken');
  });

  it('is refused when it was built a millisecond before', () => {
    expect(code({ builtAt: active.builtAt - 1 })).toBe('OLDER_THAN_ACTIVE');
  });

  it('is held against all that it is given: what decides, and what the source brought last', () => {
    const followed = { revision: 'followed', builtAt: NOW };
    expect(code({}, [active, followed])).toBe('OLDER_THAN_ACTIVE');
    expect(code({ builtAt: NOW }, [followed, active])).toBe('taken');
  });

  it('is refused without a time, where the other has one', () => {
    expect(code({ builtAt: null })).toBe('OLDER_THAN_ACTIVE');
    expect(code({ builtAt: null }, [{ revision: 'active', builtAt: null }])).toBe('taken');
    expect(code({ builtAt: null }, [])).toBe('taken');
  });

  it('is refused when it decided before, unless it decides now, or was built anew after what does', () => {
    expect(code({ everActive: true, builtAt: active.builtAt })).toBe('REPLACED_BEFORE');
    expect(code({ everActive: true, builtAt: null }, [{ revision: 'active', builtAt: null }])).toBe('REPLACED_BEFORE');
    expect(code({ everActive: true }, [active, { revision: 'followed', builtAt: null }])).toBe('REPLACED_BEFORE');
    expect(code({ everActive: true }, [])).toBe('REPLACED_BEFORE');
    expect(code({ everActive: true })).toBe('taken');
    expect(code({ everActive: true, revision: 'active', builtAt: active.builtAt })).toBe('taken');
  });

  it('is refused when it comes from further in the future than clocks differ', () => {
    expect(code({ builtAt: NOW + 24 * HOUR })).toBe('taken');
    expect(code({ builtAt: NOW + 24 * HOUR + 1 })).toBe('BUILT_IN_THE_FUTURE');
  });
});
