import { describeKeyCreator } from '../../test/conformance/key-creator-conformance.ts';
import { describeRemoteKeyCreator } from '../../test/conformance/remote-key-creator-conformance.ts';
import { openPrivyCreator } from './testing/privy-creator-under-test.ts';

describeKeyCreator('privy', openPrivyCreator);
describeRemoteKeyCreator('privy', openPrivyCreator);
