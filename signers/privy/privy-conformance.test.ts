import { describeRemoteSigner } from '../../test/conformance/remote-signer-conformance.ts';
import { describeSignerConformance } from '../../test/conformance/signer-conformance.ts';
import { openPrivy } from './testing/privy-under-test.ts';

describeSignerConformance('privy', openPrivy);
describeRemoteSigner('privy', openPrivy);
