import { describeRemoteKeyCreator } from '../../test/conformance/remote-key-creator-conformance.ts';
import { openFireblocksUnderTest } from './testing/fireblocks-creator-under-test.ts';

describeRemoteKeyCreator('fireblocks', openFireblocksUnderTest);
