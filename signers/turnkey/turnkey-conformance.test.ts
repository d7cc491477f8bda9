import { describeRemoteSigner } from '../../test/conformance/remote-signer-conformance.ts';
import { describeSignerConformance } from '../../test/conformance/signer-conformance.ts';
import { openTurnkey } from './testing/turnkey-under-test.ts';

describeSignerConformance('turnkey', openTurnkey);
describeRemoteSigner('turnkey', openTurnkey);
