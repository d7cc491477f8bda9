import { describe, expect, it } from 'vitest';
import { sharedAccount } from './shared-account.ts';

function accounts() {
  const opened: { isOpen: boolean }[] = [];
  const take = sharedAccount(() => {
    const state = { isOpen: true };
    opened.push(state);
    return {
      number: opened.length,
      close: () => {
        state.isOpen = false;
      },
    };
  });
  return { opened, take };
}

describe('an account that the signers of a template share', () => {
  it('is opened with the first and closed with the last of them, whoever closes twice', () => {
    const { opened, take } = accounts();
    expect(opened).toEqual([]);
    const [first, second] = [take(), take()];
    first.close();
    first.close();
    expect(opened).toEqual([{ isOpen: true }]);
    second.close();
    expect(opened).toEqual([{ isOpen: false }]);
  });

  it('is opened anew once it was closed', () => {
    const { opened, take } = accounts();
    take().close();
    expect(take().number).toBe(2);
    expect(opened).toEqual([{ isOpen: false }, { isOpen: true }]);
  });
});
