import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FEE_PAYER } from '../../test/kora/scene.ts';
import { readMessage, readSigned } from './kora-message.ts';
import { sponsored } from './testing/opened-kora.ts';

describe('readMessage', () => {
  it.each(['legacy', 0] as const)('finds the fee payer and empties every slot, version %s', (version) => {
    const { messageBytes, wire } = sponsored({ version });
    expect(readMessage(messageBytes)).toEqual({
      feePayer: FEE_PAYER,
      transaction: Buffer.from(wire).toString('base64'),
    });
  });

  it('says of any bytes either who pays or why nobody can be asked', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const read = readMessage(bytes);
        if ('unpayable' in read) expect(read.unpayable).not.toBe('');
        else expect(Buffer.from(read.transaction, 'base64').subarray(-bytes.length)).toEqual(Buffer.from(bytes));
      }),
    );
  });
});

describe('readSigned', () => {
  const { messageBytes, wire } = sponsored();
  const signed = Buffer.from(wire);
  signed.fill(7, 1, 65);

  it('takes slot 0 out of the transaction', () => {
    expect(readSigned(signed.toString('base64'), messageBytes)).toEqual({
      kind: 'signed',
      signature: new Uint8Array(64).fill(7),
    });
  });

  it('knows a changed message by any byte', () => {
    for (let at = 129; at < signed.length; at++) {
      const changed = Buffer.from(signed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(readSigned(changed.toString('base64'), messageBytes)).toEqual({ kind: 'changed' });
    }
  });

  it.each([
    ['a byte more', Buffer.concat([signed, Buffer.of(0)])],
    ['a byte less', signed.subarray(0, -1)],
    ['one slot more', Buffer.concat([Buffer.of(3), Buffer.alloc(64), signed.subarray(1)])],
    ['one slot less', Buffer.concat([Buffer.of(1), signed.subarray(65)])],
  ])('knows a changed transaction: %s', (_what, bytes) => {
    expect(readSigned(bytes.toString('base64'), messageBytes)).toEqual({ kind: 'changed' });
  });

  it.each(['', '%%%', 'AQID', `${signed.toString('base64')}\n`, signed.toString('base64url').concat('-')])(
    'takes no nonsense: %j',
    (text) => expect(readSigned(text, messageBytes)).toEqual({ kind: 'nonsense' }),
  );

  it('never throws, and takes no other text for the signed message', () => {
    fc.assert(
      fc.property(fc.base64String(), (text) => {
        expect(readSigned(text, messageBytes).kind).not.toBe('signed');
      }),
    );
  });
});
