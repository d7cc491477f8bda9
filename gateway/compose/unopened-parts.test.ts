import { expect, it } from 'vitest';
import { createLog } from '../telemetry/log.ts';
import { partsOnce, watchUnopened } from './unopened-parts.ts';
import { SignerFault } from './unopened-signer.ts';

it('names what is not open, has it tried again, and logs each change once', () => {
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => void lines.push(JSON.parse(line).msg) });
  let fault: SignerFault | null = new SignerFault('api_key_file', 'it is not there');
  let tried = 0;
  const reopening = {
    fault: () => fault,
    tryAgain: async () => {
      tried += 1;
    },
  };
  const open = { fault: () => null, tryAgain: async () => undefined };
  const look = watchUnopened({
    relayers: new Map([
      ['paid', { reopening }],
      ['node', {}],
    ]),
    templates: new Map([['hot', open]]),
    log,
  });
  const part = { part: 'relayer paid', ready: false, detail: 'api_key_file: it is not there' };
  expect([look(), look()]).toEqual([[part], [part]]);
  fault = new SignerFault('api_key_file', 'everybody may read it');
  expect(look()).toEqual([{ ...part, detail: 'api_key_file: everybody may read it' }]);
  expect(tried).toBe(3);
  fault = null;
  expect([look(), look()]).toEqual([[], []]);
  expect(lines).toEqual(['it cannot be opened yet', 'it cannot be opened yet', 'it is open']);
});

it('says of what is not open nothing else', () => {
  const [unopened, stale, other] = [
    { part: 'relayer paid', ready: false, detail: 'not open' },
    { part: 'relayer paid', ready: false, detail: 'refused' },
    { part: 'relayer second', ready: false, detail: 'refused' },
  ];
  expect(partsOnce([unopened], [stale, other])).toEqual([unopened, other]);
});
