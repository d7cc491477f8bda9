import { describe, expect, it } from 'vitest';
import { readModule } from './module-facts.ts';
import { violations } from './rules.ts';

function judged(path: string, text: string): readonly string[] {
  return violations(readModule(path, text));
}

describe('import boundaries', () => {
  it.each([
    ['core that reads the clock', 'gateway/core/x.ts', "import { now } from 'node:perf_hooks';"],
    ['core that uses a package', 'gateway/core/x.ts', "import { Pool } from 'pg';"],
    ['core that uses only the types of a package', 'gateway/core/x.ts', "import type { Pool } from 'pg';"],
    ['core that imports a stage', 'gateway/core/a/x.ts', "import { sign } from '../../pipeline/sign.ts';"],
    ['core that imports a type of the state', 'gateway/core/x.ts', "import type { State } from '../state/state.ts';"],
    ['core that talks to the chain through kit', 'gateway/core/x.ts', "import { createSolanaRpc } from '@solana/kit';"],
    ['core that takes all of kit', 'gateway/core/x.ts', "import * as kit from '@solana/kit';"],
    ['core that imports at run time', 'gateway/core/x.ts', "const fs = await import('node:fs');"],
    ['core that hides what it imports', 'gateway/core/x.ts', 'const it = await import(name);'],
    ['core that asks the process for a module', 'gateway/core/x.ts', "process.getBuiltinModule('fs');"],
    ['core with a type imported in place', 'gateway/core/x.ts', "let s: import('../state/state.ts').State;"],
    ['a stage that imports a backend', 'gateway/pipeline/x.ts', "import { openState } from '../state/postgres.ts';"],
    [
      'a stage other than sign with a signer',
      'gateway/pipeline/x.ts',
      "import { verifySignature } from '../../signers/verify.ts';",
    ],
    [
      'a stage that passes on a signer backend',
      'gateway/pipeline/x.ts',
      "export * from '../../signers/local-keypair/create-keystore.ts';",
    ],
    [
      'the stage that signs with a backend',
      'gateway/pipeline/sign.ts',
      "import { a } from '../../signers/local-keypair/local-keypair-signer.ts';",
    ],
    [
      'a stage with raw keys',
      'gateway/pipeline/administration/wallets/x.ts',
      "import { privateKeyFromSeed } from '../../../../signers/ed25519-key.ts';",
    ],
    [
      'what seals keys with the network',
      'gateway/pipeline/administration/wallets/seal-key.ts',
      "import { connect } from 'node:net';",
    ],
    ['the gRPC edge with a signer', 'gateway/rpc/x.ts', "import type { Signer } from '../../signers/signer.ts';"],
    ['the gRPC edge with the stage that signs', 'gateway/rpc/x.ts', "import { sign } from '../pipeline/sign.ts';"],
    [
      'the gRPC edge with the call of a signer',
      'gateway/rpc/x.ts',
      "import { askSigner } from '../pipeline/ask-signer.ts';",
    ],
    [
      'the gRPC edge with the call of a fee payer',
      'gateway/rpc/x.ts',
      "import { askFeePayer } from '../pipeline/ask-fee-payer.ts';",
    ],
    [
      'the gRPC edge with a fee payer',
      'gateway/rpc/x.ts',
      "import type { FeePayer } from '../../relayer/fee-payer.ts';",
    ],
    [
      'the command line with a signer',
      'gateway/cli/x.ts',
      "import { openLocalKeypairSigner } from '../../signers/local-keypair/local-keypair-signer.ts';",
    ],
    ['the command line with the pipeline', 'gateway/cli/x.ts', "import '../pipeline/pipeline.ts';"],
    [
      'a signer that imports the gateway',
      'signers/a/x.ts',
      "import { GatewayError } from '../../gateway/core/errors.ts';",
    ],
    [
      'a signer that requires the gateway',
      'signers/a/x.ts',
      "const x = createRequire(import.meta.url)('../../gateway/main.ts');",
    ],
    [
      'a relayer that imports the gateway',
      'relayer/rpc/x.ts',
      "import type { State } from '../../gateway/state/contract/state.ts';",
    ],
    [
      'a backend that imports the composition',
      'gateway/state/x.ts',
      "import { compose } from '../compose/compose.ts';",
    ],
    [
      'an example that looks inside',
      'examples/typescript/x.ts',
      "import { knownAddress } from '../../gateway/core/base58.ts';",
    ],
    ['the gRPC edge with a fake', 'gateway/rpc/x.ts', "import { planes } from './testing/planes.ts';"],
    ['a file in a folder that no rule knows', 'gateway/extras/x.ts', 'export const x = 1;'],
    ['an address made by a cast', 'gateway/rpc/x.ts', 'const a = text as Address;'],
    ['a list of addresses made by a cast', 'gateway/rpc/x.ts', 'const a = list as readonly kit.Address[];'],
    ['a permit made by a cast', 'gateway/pipeline/x.ts', 'const p = {} as unknown as SigningPermit;'],
  ])('refuses %s', (_name, path, text) => {
    expect(judged(path, text)).toHaveLength(1);
  });

  it.each([
    ['core that imports core', 'gateway/core/a/x.ts', "import { assertNever } from '../assert-never.ts';"],
    [
      'core with types and codecs of kit',
      'gateway/core/x.ts',
      "import { type Address, getU64Decoder } from '@solana/kit';",
    ],
    ['a test of core with the file system', 'gateway/core/x.test.ts', "import { readFileSync } from 'node:fs';"],
    [
      'a stage that imports contracts',
      'gateway/pipeline/x.ts',
      "import type { Relayer } from '../../relayer/relayer.ts';",
    ],
    [
      'what reads keys that admins bring',
      'gateway/pipeline/administration/wallets/key-pair.ts',
      "import { privateKeyFromSeed } from '../../../../signers/ed25519-key.ts';",
    ],
    [
      'what seals keys that admins take',
      'gateway/pipeline/administration/wallets/seal-key.ts',
      "import { Encrypter } from 'age-encryption';",
    ],
    [
      'a stage with the type of a signer',
      'gateway/pipeline/x.ts',
      "import type { Signer } from '../../signers/signer.ts';",
    ],
    [
      'the call of a signer with the check of its signature',
      'gateway/pipeline/ask-signer.ts',
      "import { verifySignature } from '../../signers/verify.ts';",
    ],
    [
      'the composition with a backend',
      'gateway/compose/x.ts',
      "import { createKeystore } from '../../signers/local-keypair/create-keystore.ts';",
    ],
    [
      'a package that is required',
      'gateway/policy/x.ts',
      "const opa = createRequire(import.meta.url)('@open-policy-agent/opa-wasm');",
    ],
    ['the constructor of a brand', 'gateway/core/base58.ts', 'const a = text as Address;'],
    [
      'a search for where a package lies',
      'gateway/state/x.ts',
      "const require = createRequire(import.meta.url); require.resolve('pg');",
    ],
  ])('lets pass %s', (_name, path, text) => {
    expect(judged(path, text)).toEqual([]);
  });

  it('says where and what', () => {
    const text = "\n\nimport { createSolanaRpc } from '@solana/kit';";
    expect(judged('gateway/core/x.ts', text)).toEqual([
      'gateway/core/x.ts:3: core may not import createSolanaRpc from @solana/kit',
    ]);
  });

  it('refuses a file that it cannot read as TypeScript', () => {
    expect(() => judged('gateway/core/x.ts', 'import {')).toThrow('gateway/core/x.ts');
  });
});
