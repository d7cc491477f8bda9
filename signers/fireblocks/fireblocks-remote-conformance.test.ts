import { describeRemoteSigner } from '../../test/conformance/remote-signer-conformance.ts';
import { openFireblocks } from './testing/fireblocks-under-test.ts';

describeRemoteSigner('fireblocks', openFireblocks);
