// A real host on free ports of this machine, with all its state in a directory of its own; and real clients beside it.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { chmodSync, closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const build = process.env.PUNKTFUNK_BUILD ?? fileURLToPath(new URL("../../build/release", import.meta.url));
const hostProgram = join(build, "host/app/punktfunk-host");
const clientProgram = join(build, "clients/cli/punktfunk-client");
/** Shows a still picture over the whole output, or something that moves. */
export const motionProgram = join(build, "host/demo_desktop/punktfunk-demo-motion");
const moonlightProgram = join(build, "tests/moonlight_client/moonlight-pair");
const webRoot = fileURLToPath(new URL("../dist", import.meta.url));

export const kPassword = "correct horse battery";

interface Ready {
  port: number;
  mgmt: number;
  gamestream?: { http: number };
}

async function waitFor<T>(what: string, probe: () => T | undefined | false): Promise<T> {
  for (let i = 0; i < 600; i++) {
    const found = probe();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what}: not within 30 s`);
}

/** A program that a test started, and its end. */
class Running {
  readonly ended: Promise<number>;
  private code: number | null = null;
  constructor(
    private readonly child: ChildProcess,
    private readonly log: string,
  ) {
    this.ended = new Promise((resolve) =>
      child.once("exit", (code) => {
        this.code = code ?? -1;
        resolve(this.code);
      }),
    );
  }
  get running(): boolean {
    return this.code === null;
  }
  get output(): string {
    return existsSync(this.log) ? readFileSync(this.log, "utf8") : "";
  }
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    if (this.running) this.child.kill(signal);
    await this.ended;
  }
}

function start(program: string, args: string[], log: string): Running {
  const out = openSync(log, "a");
  const child = spawn(program, args, { stdio: ["ignore", out, out] });
  closeSync(out);
  return new Running(child, log);
}

/** A desktop that the host made: what its programs need to know. */
interface Desktop {
  runtime: string;
  wayland: string;
  uid: number;
  gid: number;
}

export class Host {
  private readonly directory: string;
  private process: Running | null = null;
  private ready: Ready | null = null;
  private readonly clients: Running[] = [];

  constructor(private readonly extra: readonly string[] = []) {
    this.directory = mkdtempSync(join(tmpdir(), "punktfunk-web-"));
    chmodSync(this.directory, 0o711); // another user may run the desktop
  }

  async start(): Promise<void> {
    const readyFile = join(this.directory, "ready.json");
    rmSync(readyFile, { force: true });
    // Started again, it answers where the page expects it.
    const port = this.ready?.mgmt ?? 0;
    this.process = start(
      hostProgram,
      [
        "serve", "--embedded", "--no-mdns", "--bind", "127.0.0.1", "--port", "0", "--port-base", "0",
        "--mgmt-bind", `127.0.0.1:${port}`, "--web-root", webRoot,
        "--config-dir", join(this.directory, "host"), "--runtime-dir", join(this.directory, "run"), "--ready-file", readyFile,
        ...this.extra,
      ],
      join(this.directory, "host.log"),
    );
    this.ready = await waitFor("the host is ready", () => {
      if (this.process?.running === false) throw new Error(`the host ended:\n${this.log}`);
      return existsSync(readyFile) && (JSON.parse(readFileSync(readyFile, "utf8")) as Ready);
    });
  }

  get url(): string {
    return `https://localhost:${this.ready?.mgmt}`;
  }
  get log(): string {
    return this.process?.output ?? "";
  }

  async stop(): Promise<void> {
    await this.process?.stop();
    this.process = null;
  }

  async dispose(): Promise<void> {
    for (const client of this.clients) await client.stop("SIGINT");
    await this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private target(): string {
    return `127.0.0.1:${this.ready?.port}`;
  }
  private clientArgs(name: string): string[] {
    const config = join(this.directory, `client-${name.replaceAll(/\W/g, "-")}`);
    mkdirSync(config, { recursive: true });
    return ["--name", name, "--config-dir", config];
  }

  /** A real client pairs with the PIN. */
  async pair(name: string, pin: string): Promise<void> {
    await run(clientProgram, ["pair", this.target(), "--pin", pin, ...this.clientArgs(name)]);
  }

  /** A real client streams until it is stopped. */
  connect(name: string, ...more: string[]): Running {
    const client = start(
      clientProgram,
      ["connect", this.target(), ...this.clientArgs(name), "--mode", "1280x720x60", "--duration", "0", ...more],
      join(this.directory, `client-${name.replaceAll(/\W/g, "-")}.log`),
    );
    this.clients.push(client);
    return client;
  }

  /** A Moonlight client, of the tests' own, that shows this PIN and waits until it is typed at the host. */
  moonlight(pin: string): Running {
    if (!this.ready?.gamestream) throw new Error("the host serves no GameStream");
    const client = start(moonlightProgram, ["127.0.0.1", String(this.ready.gamestream.http), pin], join(this.directory, `moonlight-${this.clients.length}.log`));
    this.clients.push(client);
    return client;
  }

  /** The only desktop that the host has. Its user's, and found by what tells it from others: its runtime directory. */
  private async desktop(): Promise<Desktop> {
    return waitFor("the desktop is there", () => {
      for (const pid of readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name))) {
        let environment: string[];
        try {
          if (readFileSync(`/proc/${pid}/comm`, "utf8").trim() !== "sway") continue;
          environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
        } catch {
          continue; // it has gone meanwhile
        }
        const runtime = environment.find((one) => one.startsWith("XDG_RUNTIME_DIR="))?.slice("XDG_RUNTIME_DIR=".length);
        if (!runtime?.startsWith(join(this.directory, "run"))) continue;
        const wayland = readdirSync(runtime).find((name) => /^wayland-[0-9]+$/.test(name));
        if (!wayland) continue;
        const { uid, gid } = statSync(runtime);
        return { runtime, wayland, uid, gid };
      }
      return undefined;
    });
  }

  /** Runs a program on the desktop, as its user, and hands out what it prints. */
  async onDesktop(program: string, ...args: string[]): Promise<Buffer> {
    const { runtime, wayland, uid, gid } = await this.desktop();
    const other = process.getuid?.() === 0 ? { uid, gid } : {};
    const { stdout } = await run(program, args, {
      ...other,
      env: { PATH: process.env.PATH ?? "/usr/bin:/bin", XDG_RUNTIME_DIR: runtime, WAYLAND_DISPLAY: wayland, HOME: "/" },
      encoding: "buffer",
      maxBuffer: 64 << 20,
      cwd: "/",
    });
    return stdout;
  }

  /** The compositor's own picture of the desktop, a PNG. */
  screenshot = (): Promise<Buffer> => this.onDesktop("grim", "-t", "png", "-");
}
