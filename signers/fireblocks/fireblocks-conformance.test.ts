import { describeRemoteSigner } from '../../test/conformance/remote-signer-conformance.ts';
import { describeSignerConformance } from '../../test/conformance/signer-conformance.ts';
import { openFireblocks } from './testing/fireblocks-under-test.ts';

describeSignerConformance('fireblocks', openFireblocks);
describeRemoteSigner('fireblocks', openFireblocks);
