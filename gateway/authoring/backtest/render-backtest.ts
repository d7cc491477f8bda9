// Owns the report of a backtest on the terminal.
import { reasonText, type Verdict } from '../../core/decision/decision.ts';
import { DIFFERENCES } from '../../core/decision/difference.ts';
import { DIFFERENCE_NAMES, exposureText } from '../../core/explanation/difference-text.ts';
import { printable } from '../../core/explanation/printable.ts';
import type { BacktestResult, BacktestSample } from './backtest.ts';
import { renderLimits } from './render-limits.ts';

export function renderBacktest({ judged, tallies, samples, limits, units }: BacktestResult): readonly string[] {
  return [
    `${judged} recorded decisions were judged again`,
    ...DIFFERENCES.flatMap((difference) => {
      const { decisions, exposure, byAgent } = tallies[difference];
      if (decisions === 0) return [`  ${DIFFERENCE_NAMES[difference]}: none`];
      return [
        `  ${DIFFERENCE_NAMES[difference]}: ${decisions}, with ${exposureText(exposure, units)}`,
        ...Object.entries(byAgent).map(
          ([agent, one]) =>
            `    agent ${printable(agent)}: ${one.decisions}, with ${exposureText(one.exposure, units)}`,
        ),
      ];
    }),
    ...renderLimits(limits),
    ...samples.filter(({ difference }) => difference !== 'other_reasons').flatMap(sampleLines),
  ];
}

function sampleLines({ decision, difference, verdict }: BacktestSample): readonly string[] {
  const { requestId, time, agentId, walletId } = decision;
  return [
    `${DIFFERENCE_NAMES[difference]}: request ${printable(requestId)} of ${new Date(time).toISOString()}, agent ${printable(agentId)}, wallet ${printable(walletId)}`,
    ...verdictLines('was', decision.verdict),
    ...verdictLines('would be', verdict),
  ];
}

function verdictLines(when: string, verdict: Verdict): readonly string[] {
  // Why something is allowed is said by every rule; that it is so is enough here.
  const reasons = verdict.kind === 'allow' ? [] : verdict.reasons;
  return [
    `  ${when} ${verdict.kind.replace('_', ' ')}`,
    ...reasons.map((reason) => `    ${printable(reason.code)}: ${printable(reasonText(reason))}`),
  ];
}
