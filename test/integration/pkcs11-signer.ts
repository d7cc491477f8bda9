// Owns a SignerService before a PKCS#11 token for tests: SoftHSM with a token of its own, and the server of examples/signer-pkcs11.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { makeAuthority, makeCertificate } from '../../gateway/policy/sources/testing/certificates.ts';
import { freePort } from '../../gateway/state/embedded/postmaster.ts';

const TOOLS = join(import.meta.dirname, '..', '..', '.tools');
const PROGRAM = join(TOOLS, 'signer-pkcs11');
const HSM = join(TOOLS, 'softhsm');
const [TOKEN, PIN] = ['countersign', '8351-4402'];

export interface Pkcs11Signer {
  /** `host:port`. */
  readonly target: string;
  /** Keys that gateways may use, by name, with their base58 addresses. The second signs messages too. */
  readonly addresses: { readonly treasury: string; readonly messages: string };
  /** For the gateway `gateway`, whom the keys are for. */
  readonly tls: { readonly caFile: string; readonly certFile: string; readonly keyFile: string };
  /** A certificate by the same authority for somebody whom they are not for. */
  readonly strangerTls: Pkcs11Signer['tls'];
  /** One that says `gateway`, by another authority. */
  readonly foreignTls: Pkcs11Signer['tls'];
  /** What the server has written: JSON lines. */
  readonly log: () => readonly string[];
  /** Ends it with this signal and tells with what code it ended. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
  /** After `stop`: at the same address. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export async function startPkcs11Signer(): Promise<Pkcs11Signer> {
  if (!existsSync(PROGRAM) || !existsSync(HSM)) throw new Error('`make hsm` brings SoftHSM and builds the server');
  const folder = await mkdtemp(join(tmpdir(), 'countersign-pkcs11-'));
  const env = { ...process.env, SOFTHSM2_CONF: join(folder, 'softhsm2.conf') };
  const target = `127.0.0.1:${await freePort()}`;
  await initToken(folder, env);
  const { certificates, configFile } = await writeConfig(folder, target);
  const generate = async (label: string): Promise<string> => {
    const { stdout } = await promisify(execFile)(PROGRAM, ['-config', configFile, '-generate', label], { env });
    return stdout.trim();
  };
  const addresses = { treasury: await generate('treasury-2026'), messages: await generate('messages-2026') };
  const lines: string[] = [];
  let child = await serve(configFile, env, lines);
  const stop = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.kill(signal);
    return ended;
  };
  return {
    target,
    addresses,
    ...certificates,
    log: () => lines,
    stop,
    start: async () => {
      child = await serve(configFile, env, lines);
    },
    close: async () => {
      await stop('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Environment = Readonly<Record<string, string | undefined>>;

async function initToken(folder: string, env: Environment): Promise<void> {
  const tokens = join(folder, 'tokens');
  await mkdir(tokens);
  await writeFile(env.SOFTHSM2_CONF ?? '', `directories.tokendir = ${tokens}\nobjectstore.backend = file\n`);
  const pins = ['--pin', PIN, '--so-pin', '1000-2000'];
  const token = ['--module', join(HSM, 'libsofthsm2.so'), '--init-token', '--free', '--label', TOKEN];
  await promisify(execFile)(join(HSM, 'softhsm2-util'), [...token, ...pins], { env });
}

async function writeConfig(folder: string, target: string) {
  const authority = makeAuthority(folder, 'authority');
  const server = makeCertificate(folder, 'signer', authority);
  const elsewhere = join(folder, 'elsewhere');
  await mkdir(elsewhere);
  const caFile = authority.certFile;
  const certificates = {
    tls: { ...makeCertificate(folder, 'gateway', authority), caFile },
    strangerTls: { ...makeCertificate(folder, 'stranger', authority), caFile },
    foreignTls: { ...makeCertificate(elsewhere, 'gateway', makeAuthority(elsewhere, 'authority')), caFile },
  };
  await writeFile(join(folder, 'pin'), `${PIN}\n`, { mode: 0o600 });
  const configFile = join(folder, 'signer.json');
  const config = {
    listen: target,
    tls: { cert_file: server.certFile, key_file: server.keyFile, client_ca_file: authority.certFile },
    module: join(HSM, 'libsofthsm2.so'),
    token: TOKEN,
    pin_file: 'pin',
    keys: [
      { name: 'treasury', label: 'treasury-2026', clients: ['gateway'] },
      { name: 'messages', label: 'messages-2026', clients: ['gateway'], messages: true },
    ],
  };
  await writeFile(configFile, JSON.stringify(config));
  return { configFile, certificates };
}

async function serve(configFile: string, env: Environment, lines: string[]): Promise<ChildProcess> {
  const child = spawn(PROGRAM, ['-config', configFile], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  child.once('exit', () => reject(new Error(`the server ended before it served: ${lines.at(-1)}`)));
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line);
    if (line.includes('"msg":"serving"')) resolve();
  });
  await ready;
  return child;
}
