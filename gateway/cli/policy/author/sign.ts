// Owns `countersign policy sign`: a signature over every file of a built bundle, in OPA's format.
import { readFile, rename, writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from '../../../policy/bundle/bundle-key.ts';
import { readArchive } from '../../../policy/bundle/read-archive.ts';
import { readBundle } from '../../../policy/bundle/read-bundle.ts';
import { signBundle } from '../../../policy/bundle/sign-bundle.ts';
import { writeArchive } from '../../../policy/bundle/write-archive.ts';
import type { CliContext } from '../../context.ts';
import { runInLines } from './in-lines.ts';

interface SignOptions {
  readonly keyId: string;
  readonly signingKeyFile: string;
  readonly algorithm: SignatureAlgorithm;
  readonly scope?: string;
  readonly out?: string;
}

export function addSignCommand(policy: Command, context: CliContext): void {
  policy
    .command('sign')
    .description('sign a built bundle, as `opa sign` does; a gateway takes it by the public key in its configuration')
    .argument('<bundle.tar.gz>', 'what `policy build` wrote')
    .requiredOption('--key-id <id>', 'id of the key in the configuration of the gateways')
    .requiredOption('--signing-key-file <file>', 'private key, PEM (PKCS #8); never the key itself')
    .addOption(new Option('--algorithm <name>', 'of the key').choices([...SIGNATURE_ALGORITHMS]).makeOptionMandatory())
    .option('--scope <text>', 'what the gateways want as scope of this key')
    .option('--out <file>', 'the signed bundle; the bundle itself by default')
    .action((bundle: string, options: SignOptions) =>
      runInLines(context, async () => {
        const { keyId, signingKeyFile, algorithm, scope = null, out = bundle } = options;
        const files = readArchive(await readFile(bundle), bundle);
        // What no gateway would take need not be signed.
        const { revision } = readBundle(files, bundle);
        const privateKeyPem = await readFile(signingKeyFile, 'utf8');
        const signed = signBundle(files, { id: keyId, algorithm, privateKeyPem, scope });
        await writeFile(`${out}.new`, writeArchive(signed));
        await rename(`${out}.new`, out);
        await context.terminal.print(`${out}: revision ${revision}, signed with ${keyId}`);
        return 0;
      }),
    );
}
