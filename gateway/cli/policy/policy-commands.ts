// Owns `countersign policy`: what policy authors do in their repository, and what operators do with the revisions of a gateway.
import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { addBacktestCommand } from './author/backtest.ts';
import { addBuildCommand } from './author/build.ts';
import { addCheckCommand } from './author/check.ts';
import { addDecisionsCommand } from './author/decisions.ts';
import { addDiffCommand } from './author/diff.ts';
import { addPolicyExplainCommand } from './author/explain.ts';
import { addFixtureCommand } from './author/fixture.ts';
import { addFmtCommand } from './author/fmt.ts';
import { addLintCommand } from './author/lint.ts';
import { addMutateCommand } from './author/mutate.ts';
import { addNewCommand } from './author/new.ts';
import { addSignCommand } from './author/sign.ts';
import { addTestCommand } from './author/test.ts';
import { addChoiceCommands } from './operator/choose.ts';
import { addPushCommands } from './operator/push.ts';
import { addShadowCommands } from './operator/shadow.ts';
import { addStatusCommands } from './operator/status.ts';

export function addPolicyCommands(program: Command, context: CliContext): void {
  const policy = program
    .command('policy')
    .description('policies: write, test and build them; choose which one decides');
  addStatusCommands(policy, context);
  addPushCommands(policy, context);
  addChoiceCommands(policy, context);
  addShadowCommands(policy, context);
  addNewCommand(policy, context);
  addFmtCommand(policy, context);
  addCheckCommand(policy, context);
  addTestCommand(policy, context);
  addFixtureCommand(policy, context);
  addPolicyExplainCommand(policy, context);
  addDiffCommand(policy, context);
  addBuildCommand(policy, context);
  addSignCommand(policy, context);
  addDecisionsCommand(policy, context);
  addBacktestCommand(policy, context);
  addLintCommand(policy, context);
  addMutateCommand(policy, context);
}
