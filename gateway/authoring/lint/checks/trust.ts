// Owns the checks of what a decision may not rest on: what the agent says, and the clock by arithmetic.
import type { FactPath } from '../../rego/paths.ts';
import type { Check } from '../finding.ts';
import { rulePackages, scopedCalls, scopedTerms, shownPath } from '../over-packages.ts';
import { rule } from './example-rule.ts';

const FILE = 'rules/example/example.rego';

export const agentTextDecides: Check = {
  code: 'agent-text-decides',
  level: 'error',
  title: 'A decision by what the agent says',
  why: 'the agent writes `context`, memos and other texts itself; one that was talked into something writes what it takes',
  fix: 'decide by effects and accounts; show such a text in a reason only where people weigh it',
  example: {
    bad: { [FILE]: rule('input.context.purpose == "payroll"') },
    good: { [FILE]: rule('input.transaction.fee_payer == input.wallet.address') },
  },
  *find(subject) {
    for (const one of rulePackages(subject)) {
      const conditions = new Set(one.flow.conditions.map(({ expression }) => expression.at.row));
      for (const { it, scope } of scopedTerms([one])) {
        if (it.kind !== 'ref' && it.kind !== 'call') continue;
        const said = scope.pathsOf(it).find(isSaid);
        if (said === undefined) continue;
        if (said[1] === 'context' || conditions.has(it.at.row)) yield { at: it.at, what: `reads ${shownPath(said)}` };
      }
    }
  },
};

function isSaid(path: FactPath): boolean {
  return path[0] === 'input' && (path[1] === 'context' || path.includes('texts'));
}

const TIMES = /^input\.request\.(time|time_unix_ms)$/;

export const timeByArithmetic: Check = {
  code: 'time-by-arithmetic',
  level: 'error',
  title: 'A time of day worked out by the rule',
  why: 'summer time and time zones make hours that are there twice or never: the window is open when it should be shut',
  fix: 'read request.local_times[zone]: date, weekday and minute_of_day, worked out by the gateway. Name the zone in the data under a key time_zone',
  example: {
    bad: { [FILE]: rule('input.request.time_unix_ms % 86400000 < 43200000') },
    good: {
      [FILE]: rule(
        'is_number(input.request.local_times["Europe/Zurich"].minute_of_day)\ninput.request.local_times["Europe/Zurich"].minute_of_day < 720',
      ),
    },
  },
  *find(subject) {
    for (const { it, scope } of scopedCalls(rulePackages(subject))) {
      if (it.operator.startsWith('is_') || it.operator === 'assign') continue;
      for (const arg of it.args) {
        const time = arg.kind === 'call' ? undefined : scope.pathsOf(arg).find((path) => TIMES.test(path.join('.')));
        if (time !== undefined)
          yield { at: it.at.text === '' ? it.operatorAt : it.at, what: `reckons with ${shownPath(time)}` };
      }
    }
  },
};

export const TRUST_CHECKS: readonly Check[] = [agentTextDecides, timeByArithmetic];
