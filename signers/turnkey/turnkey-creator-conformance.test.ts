import { describeKeyCreator } from '../../test/conformance/key-creator-conformance.ts';
import { describeRemoteKeyCreator } from '../../test/conformance/remote-key-creator-conformance.ts';
import { openTurnkeyCreator } from './testing/turnkey-creator-under-test.ts';

describeKeyCreator('turnkey', openTurnkeyCreator);
describeRemoteKeyCreator('turnkey', openTurnkeyCreator);
