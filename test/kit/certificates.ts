/** A certificate authority for tests, made anew with openssl each time: no key of ours lies in the repository. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsIdentity } from '../../src/erlang/erlang.ts';

/** What a certificate says. */
export interface CertificateOptions {
  /** e.g. `DNS:127.0.0.1,IP:127.0.0.1` */
  readonly names: string;
  readonly isExpired?: boolean;
}

/** Where an identity lies as files, for programs that read files. */
export interface IdentityFiles {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** An authority and what it has signed. */
export class TestAuthority {
  readonly #folder = mkdtempSync(join(tmpdir(), 'wombat-ca-'));
  #count = 0;

  constructor() {
    writeFileSync(join(this.#folder, 'index.txt'), '');
    writeFileSync(join(this.#folder, 'ca.cnf'), authorityFile);
    this.#openssl(['req', '-x509', ...newKey('ca.key'), '-subj', '/CN=test authority', '-days', '2', '-out', 'ca.pem']);
  }

  /** Signs a new key; the files live until `remove`. */
  issue({ names, isExpired = false }: CertificateOptions): IdentityFiles {
    const name = `leaf-${++this.#count}`;
    writeFileSync(
      join(this.#folder, `${name}.ext`),
      `subjectAltName=${names}\nextendedKeyUsage=serverAuth,clientAuth\n`,
    );
    this.#openssl(['req', ...newKey(`${name}.key`), '-subj', `/CN=${name}`, '-out', `${name}.csr`]);
    const dates = isExpired ? ['-startdate', '20200101000000Z', '-enddate', '20200102000000Z'] : ['-days', '2'];
    const files = ['-in', `${name}.csr`, '-out', `${name}.pem`, '-extfile', `${name}.ext`];
    this.#openssl(['ca', '-batch', '-notext', '-config', 'ca.cnf', '-rand_serial', ...dates, ...files]);
    const path = (file: string): string => join(this.#folder, file);
    return { authority: path('ca.pem'), certificate: path(`${name}.pem`), key: path(`${name}.key`) };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #openssl(args: readonly string[]): void {
    execFileSync('openssl', args, { cwd: this.#folder, stdio: 'pipe' });
  }
}

/** Reads an identity's files. */
export function readIdentity(files: IdentityFiles): TlsIdentity {
  const text = (file: string): string => readFileSync(file, 'utf8');
  return { authority: text(files.authority), certificate: text(files.certificate), key: text(files.key) };
}

function newKey(file: string): string[] {
  return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', file];
}

const authorityFile = `
[ca]
default_ca = test
[test]
database = index.txt
serial = serial
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
`;
