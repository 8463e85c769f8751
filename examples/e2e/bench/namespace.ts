import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SUBNET = '10.213.27';
const HOST = `${SUBNET}.1`;
const [FIRST, SECOND] = [`${SUBNET}.2`, `${SUBNET}.3`];

const FORWARDER = `
const { connect, createServer } = require('node:net');
const [host, port] = process.argv.slice(1);
createServer((near) => {
  const far = connect(Number(port), host);
  near.pipe(far).pipe(near);
  near.on('error', () => far.destroy());
  far.on('error', () => near.destroy());
}).listen(Number(port), '127.0.0.1', () => console.log('ready'));
`;

/** A network namespace of Linux, joined to this machine by a wire of its own. Needs root and the program `ip`. */
export class Namespace {
  /** Where this machine is reached from inside. */
  readonly hostAddress = HOST;
  readonly #name = `bench-${process.pid}`;
  readonly #wire = `bn${process.pid % 100_000}`;
  readonly #forwarders: ChildProcess[] = [];
  readonly #doors: Server[] = [];
  #folder = '';

  /** Why there can be none here. */
  static obstacle(): string | undefined {
    if (process.platform !== 'linux') return 'it needs network namespaces, which Linux has';
    if (process.getuid?.() !== 0) return 'it needs root';
    if (spawnSync('ip', ['netns', 'list']).status !== 0) return 'it needs the program "ip", with "ip netns"';
    try {
      Namespace.create().remove();
      return undefined;
    } catch (error) {
      return `it needs a network namespace, and this machine gives none: ${String(error)}`;
    }
  }

  static create(): Namespace {
    const namespace = new Namespace();
    try {
      namespace.#create();
      return namespace;
    } catch (error) {
      namespace.remove();
      throw error;
    }
  }

  /** A program that runs `path` inside, with the same arguments and open files. */
  wrap(path: string): string {
    this.#folder ||= mkdtempSync(join(tmpdir(), 'bench-namespace-'));
    const script = join(this.#folder, 'run');
    writeFileSync(script, `#!/bin/sh\nexec ip netns exec ${this.#name} '${path}' "$@"\n`);
    chmodSync(script, 0o755);
    return script;
  }

  /** Lets what listens on `port` of the host's address be reached on localhost inside: pages there may use devices. */
  async forward(port: number): Promise<void> {
    const forwarder = spawn('ip', ['netns', 'exec', this.#name, process.execPath, '-e', FORWARDER, HOST, String(port)]);
    this.#forwarders.push(forwarder);
    await once(forwarder.stdout, 'data');
  }

  /** Lets what listens on `port` of localhost here be reached at the host's address, and on localhost inside. */
  async share(port: number): Promise<void> {
    const door = createServer((near) => {
      const far = connect(port, '127.0.0.1');
      near.pipe(far).pipe(near);
      near.on('error', () => far.destroy());
      far.on('error', () => near.destroy());
    });
    this.#doors.push(door);
    door.listen(port, HOST);
    await once(door, 'listening');
    await this.forward(port);
  }

  /** What was sent from the old address is lost from now on, and nobody is told but the kernel's listeners. */
  changeAddress(): void {
    this.#inside('addr', 'del', `${FIRST}/24`, 'dev', 'wire');
    this.#inside('addr', 'add', `${SECOND}/24`, 'dev', 'wire');
    this.#inside('route', 'replace', 'default', 'via', HOST);
  }

  remove(): void {
    for (const forwarder of this.#forwarders) forwarder.kill();
    for (const door of this.#doors) door.close();
    spawnSync('ip', ['link', 'del', this.#wire]);
    spawnSync('ip', ['netns', 'del', this.#name]);
    if (this.#folder) rmSync(this.#folder, { recursive: true, force: true });
  }

  #create(): void {
    ip('netns', 'add', this.#name);
    ip('link', 'add', this.#wire, 'type', 'veth', 'peer', 'name', 'wire', 'netns', this.#name);
    ip('addr', 'add', `${HOST}/24`, 'dev', this.#wire);
    ip('link', 'set', this.#wire, 'up');
    this.#inside('link', 'set', 'lo', 'up');
    this.#inside('addr', 'add', `${FIRST}/24`, 'dev', 'wire');
    this.#inside('link', 'set', 'wire', 'up');
    this.#inside('route', 'add', 'default', 'via', HOST);
  }

  #inside(...args: string[]): void {
    ip('-n', this.#name, ...args);
  }
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: 'pipe' });
}
