// Owns docs/crashes.md: what becomes of a request whose gateway is killed, as the crash test demands it.
import { CRASH_CASES, CRASH_POINTS, type CrashPoint, FATES } from '../../test/integration/crash-points.ts';

const INTRODUCTION = `<!-- Written by scripts/generate-docs.ts from test/integration/crash-points.ts; \`make generate\` renews it. -->

# What a crash leaves

A gateway may die at any moment. [crash.test.ts](../test/integration/crash.test.ts) kills one with SIGKILL at each point below, starts another on
the same database, and demands of each request what stands here, of the budgets that nothing stays reserved and that what is settled is what
happened, of the chain that exactly those transactions landed that are said to, each once, and of the audit chain that it is intact. A second gateway that
runs all the while carries requests on in the same way; nobody has to wait for the restart. \`make soak\` kills gateways at moments of nobody's
choosing instead, with Postgres crashing and connections cut, slow or losing answers, and holds what landed against the limits.

The wallet's key is in the process of both gateways here (\`local-keypair\`). Where it was at a backend when the first asked it, or is for the
second, a request that is cut off in \`SIGNING\` is \`INDETERMINATE\` instead of \`SIGNING_FAILED\`: a signature may exist, and what it would use
stays reserved until the chain shows what became of it ([concepts.md](concepts.md#signatures-that-are-lost)).

A request is carried on once its lease is over: an interrupted signature after three times
\`limits.signer_timeout_ms\` and a second, an unsent transaction after 5 seconds, what another gateway had claimed after 10 seconds.
`;

const ERRANDS: Readonly<Record<(typeof CRASH_CASES)[CrashPoint]['errand'], string>> = {
  send: 'sign and send',
  sign: 'sign only',
  'sign and fail': 'sign only, sent by its agent, fails on chain',
  approved: 'sign and send, approved by people',
  'approved excess': 'sign and send, approved to exceed a limit',
  frozen: 'sign and send, while its agent is frozen',
};

export function crashesPage(): string {
  const rows = CRASH_POINTS.map((point) => {
    const { errand, fate } = CRASH_CASES[point];
    const { state, budgets, again } = FATES[fate];
    return `| ${point} | ${ERRANDS[errand]} | ${state} | ${budgets} | ${again} |`;
  });
  return [
    INTRODUCTION,
    '| Killed … | Request | Ends as | Its budgets | Asked again under the same key |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
