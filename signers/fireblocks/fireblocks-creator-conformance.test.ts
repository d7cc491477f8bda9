import { describeKeyCreator } from '../../test/conformance/key-creator-conformance.ts';
import { openFireblocksUnderTest } from './testing/fireblocks-creator-under-test.ts';

describeKeyCreator('fireblocks', openFireblocksUnderTest);
