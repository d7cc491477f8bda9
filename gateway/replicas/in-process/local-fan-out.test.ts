import { describeFanOutConformance } from '../../../test/conformance/fan-out-conformance.ts';
import { createLocalFanOut } from './local-fan-out.ts';

describeFanOutConformance('one process', async () => {
  const join = createLocalFanOut();
  return { members: [join(), join(), join()], close: async () => undefined };
});
