import { describeSignerConformance } from '../../test/conformance/signer-conformance.ts';
import { openFireblocks } from './testing/fireblocks-under-test.ts';

describeSignerConformance('fireblocks', openFireblocks);
