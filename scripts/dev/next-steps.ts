// Owns what `make dev` prints when everything runs: lines that work as they stand.
import { relative } from 'node:path';
import { solTransfer } from '../../tour/transactions.ts';
import { type Environment, TEMPLATE } from './environment.ts';

export function nextSteps(environment: Environment): readonly string[] {
  const { gateway, localnet, recipient, wallet } = environment;
  const file = (path: string): string => relative(process.cwd(), path);
  const agentKey = file(environment.agentKeyFile);
  const transfer = Buffer.from(solTransfer(wallet.address, recipient, 250_000_000n)).toString('base64');
  const method = 'countersign.v1.SigningService/ListWallets';
  return [
    '',
    `Agents call      ${gateway.dataPlane}   key in ${agentKey}`,
    `Operators call   ${gateway.controlPlane}   key in ${file(environment.operatorKeyFile)}`,
    `Metrics          http://${gateway.http}/metrics`,
    `Local chain      ${localnet.rpcUrl}`,
    `All data         ${file(environment.directory)}/ (configuration: ${file(environment.configFile)})`,
    '',
    'Try it, in another terminal, from this folder:',
    `  grpcurl -plaintext -H "authorization: Bearer $(cat ${agentKey})" ${gateway.dataPlane} ${method}`,
    `  node_modules/.bin/buf curl --protocol grpc --http2-prior-knowledge -H "authorization: Bearer $(cat ${agentKey})" http://${gateway.dataPlane}/${method}`,
    `  COUNTERSIGN_API_KEY_FILE=${agentKey} .cache/python/bin/python examples/python/sign_and_send.py ${recipient} 250000000   # after make python-env`,
    `  COUNTERSIGN_API_KEY_FILE=${agentKey} node_modules/.bin/node examples/typescript/sign-and-send.ts ${recipient} 250000000`,
    `  COUNTERSIGN_API_KEY_FILE=${agentKey} bin/countersign explain --set-fresh-blockhash ${transfer}`,
    `  COUNTERSIGN_API_KEY_FILE=${file(environment.operatorKeyFile)} bin/countersign approvals list`,
    `  COUNTERSIGN_API_KEY_FILE=${file(environment.operatorKeyFile)} bin/countersign wallets create agent-1 --template ${TEMPLATE}`,
    `  COUNTERSIGN_API_KEY_FILE=${file(environment.operatorKeyFile)} bin/countersign audit tail`,
    '',
    'Ctrl-C stops everything.',
  ];
}
