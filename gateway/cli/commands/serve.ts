// Owns `countersign serve` and `countersign keystore create`: the commands that are the gateway and not a client of it. What they do is
// loaded only when they run.
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { CliContext } from '../context.ts';

interface ServeOptions {
  readonly config: string;
  readonly check?: boolean;
}

interface KeystoreOptions {
  readonly output: string;
  readonly passphraseFile: string;
  readonly import?: string;
}

export function addServeCommands(program: Command, context: CliContext): void {
  program
    .command('serve')
    .description('run the gateway until SIGTERM or SIGINT')
    .option('--config <file>', 'configuration', 'countersign.yaml')
    .option('--check', 'only say whether the configuration is good')
    .action(({ config, check }: ServeOptions) =>
      context.run(async () => {
        const gateway = await import('../../main.ts');
        return check ? gateway.checkConfig(config) : gateway.serve(config);
      }),
    );
  program
    .command('keystore')
    .description('encrypted key files of the signer local-keypair')
    .command('create')
    .description('a new key, or an imported one, in a new encrypted file; prints its address')
    .requiredOption('--output <file>', 'the file to make')
    .requiredOption('--passphrase-file <file>', 'file that holds the passphrase, at least 12 characters')
    .option('--import <file>', 'key to import: a Solana CLI file, or base58')
    .action(({ output, passphraseFile, import: importFile }: KeystoreOptions) =>
      context.run(async () => {
        const { createKeystore } = await import('../../main.ts');
        // As the gateway will read it: spaces are part of it.
        const passphrase = (await readFile(passphraseFile, 'utf8')).replace(/\r?\n$/, '');
        const imported = importFile === undefined ? {} : { importFrom: await readFile(importFile) };
        const { address } = await createKeystore({ path: output, passphrase, ...imported });
        await context.terminal.print(address);
        return 0;
      }),
    );
}
