// Owns the list of all golden cases, in the order of their names.
import { AMOUNT_CASES } from './amount-cases.ts';
import { CONTROL_CASES } from './control-cases.ts';
import { GUARD_CASES } from './guard-cases.ts';
import { GUARD_MESSAGE_CASES } from './guard-message-cases.ts';
import type { PlannedCase } from './plan.ts';
import { SIMULATED_CASES } from './simulated-cases.ts';
import { SLIPPAGE_CASES } from './slippage-cases.ts';
import { SOL_CASES } from './sol-cases.ts';
import { TOKEN_2022_CASES } from './token-2022-cases.ts';
import { TOKEN_CASES } from './token-cases.ts';

export const GOLDEN_PLANS: readonly PlannedCase[] = [
  ...AMOUNT_CASES,
  ...SOL_CASES,
  ...TOKEN_CASES,
  ...TOKEN_2022_CASES,
  ...CONTROL_CASES,
  ...GUARD_CASES,
  ...GUARD_MESSAGE_CASES,
  ...SIMULATED_CASES,
  ...SLIPPAGE_CASES,
].sort((a, b) => (a.name < b.name ? -1 : 1));
