import { assert, assertEquals, assertMatch } from "@std/assert";
import { parseConfig } from "@/platform/config.ts";
import { VARIABLE_NAMES } from "@/platform/config_variables.ts";
import { monitorEventLoop } from "@/platform/event_loop.ts";
import { createMetrics } from "@/platform/metrics.ts";
import { permissionFlags } from "@/tools/permissions.ts";

const DATA_DIR = "/var/lib/paceboard";

async function read(path: string): Promise<string> {
  return await Deno.readTextFile(new URL(path, import.meta.url));
}

/** The instructions of the last stage; lines that go on are joined. */
async function imageInstructions(): Promise<string[]> {
  const text = (await read("../Dockerfile")).replaceAll(/\\\n\s*/g, "");
  const lines = text.split("\n").filter((line) => line && !line.startsWith("#"));
  return lines.slice(lines.findLastIndex((line) => line.startsWith("FROM ")));
}

function commandOf(instructions: string[], name: string): string[] {
  const line = instructions.findLast((line) => line.startsWith(`${name} `))!;
  return JSON.parse(line.slice(line.indexOf("[")));
}

/** Names of metrics as PromQL asks for them, without the parts of histograms. */
function metricsIn(text: string): Set<string> {
  const names = text.match(/\b[a-z]+(_[a-z]+)+(?=\{)/g) ?? [];
  return new Set(names.map((name) => name.replace(/_(bucket|sum|count)$/, "")));
}

async function knownMetrics(): Promise<Set<string>> {
  const { registry } = createMetrics();
  using _monitor = monitorEventLoop({ registry });
  return new Set((await registry.getMetricsAsJSON()).map(({ name }) => name));
}

/** Environment variables of ours that a text sets, in YAML's or the shell's way. */
function variablesIn(text: string): string[] {
  const names = text.matchAll(/^\s*(?:- name: )?([A-Z]+(?:_[A-Z]+)*)(?:[:=]|$)/gm);
  return [...new Set([...names].map((match) => match[1]!))];
}

Deno.test("Dockerfile runs as nobody special, alive or not, and stops by SIGTERM", async () => {
  const instructions = await imageInstructions();

  const user = instructions.findLast((line) => line.startsWith("USER "));
  assertMatch(user!, /^USER [1-9]\d{3,}:[1-9]\d{3,}$/);
  assert(instructions.includes("EXPOSE 8080") && instructions.includes("STOPSIGNAL SIGTERM"));
  const check = commandOf(instructions, "HEALTHCHECK");
  assertEquals(check.at(-1), "tools/health_check.ts");
  assert(check.includes("--allow-net=127.0.0.1"));
  assert(!/\s-A\b|--allow-all/.test(await read("../Dockerfile")));
});

Deno.test("Dockerfile is of the Deno that the tests run on", async () => {
  assert((await read("../Dockerfile")).includes(`ARG DENO_VERSION=${Deno.version.deno}\n`));
});

Deno.test("Dockerfile grants what a start with DATABASE_URL takes, but for the bundler", async () => {
  const command = commandOf(await imageInstructions(), "CMD");

  const flags = await permissionFlags("start", { dataDir: DATA_DIR, hasDatabaseUrl: true });
  const needed = flags.filter((flag) => !flag.startsWith("--allow-run="))
    .map((flag) => flag.startsWith("--allow-write=") ? `--allow-write=${DATA_DIR}` : flag);
  const runtime = ["--cached-only", "--v8-flags=--no-allocation-site-pretenuring"];
  assertEquals(command, ["deno", "run", ...runtime, ...needed, "main.ts"]);
  assert(flags.every((flag) => !flag.startsWith("--allow-run=") || /esbuild$/.test(flag)));
  assertEquals(
    flags.find((flag) => flag.startsWith("--allow-write=")),
    `--allow-write=${DATA_DIR},_fresh`,
  );
});

Deno.test("Dockerfile installs the allocator that it has every process load", async () => {
  const instructions = await imageInstructions();

  const [, library] = /\bLD_PRELOAD=(\S+)/.exec(instructions.join("\n"))!;
  assertEquals(library, "libjemalloc.so.2");
  assert(instructions.some((line) => /^RUN apt-get .*\blibjemalloc2\b/.test(line)));
});

Deno.test(".dockerignore keeps secrets, data and history out of the image", async () => {
  const lines = (await read("../.dockerignore")).split("\n");

  for (const path of [".env", ".env.*", ".data", ".git", "tests", "node_modules"]) {
    assert(lines.includes(path), path);
  }
});

Deno.test("alerts and dashboard ask for metrics that exist", async (t) => {
  const known = await knownMetrics();
  const provided = ["up"];
  for (const path of ["prometheus/alerts.yml", "grafana/paceboard.json"]) {
    await t.step(path, async () => {
      const text = await read(path);
      const expressions = path.endsWith(".json") ? expressionsOf(JSON.parse(text)) : text;

      const asked = [...metricsIn(expressions)];

      assert(asked.length > 8);
      assertEquals(asked.filter((name) => !known.has(name) && !provided.includes(name)), []);
    });
  }
});

interface Dashboard {
  panels: { targets?: { expr: string }[] }[];
}

function expressionsOf({ panels }: Dashboard): string {
  return panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)).join("\n");
}

Deno.test("compose and Kubernetes set variables that exist, and all that production needs", async () => {
  const compose = await read("compose.yml");
  const config = await read("kubernetes/config.yaml");
  const foreign = ["POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD", "POSTGRES_INITDB_ARGS"];

  const texts = [compose, config, await read("compose.env.example")];
  const unknown = texts.flatMap(variablesIn)
    .filter((name) => !(VARIABLE_NAMES as string[]).includes(name) && !foreign.includes(name));
  assertEquals(unknown, []);
  for (const name of ["APP_ENV", "DATABASE_URL", "JWT_SECRETS", "PUBLIC_URL"]) {
    assert(variablesIn(compose).includes(name), name);
  }
  assert(compose.includes("tools/migrate.ts"));
});

Deno.test("Kubernetes runs the image's user, and waits longer than the app drains", async () => {
  const app = await read("kubernetes/app.yaml");
  const user = (await imageInstructions()).findLast((line) => line.startsWith("USER "))!;

  assert(app.includes(`runAsUser: ${user.split(/[ :]/)[1]}\n`));
  assertMatch(app, /livenessProbe:\s+httpGet:\s+path: \/health\/live\n/);
  assertMatch(app, /readinessProbe:\s+httpGet:\s+path: \/health\/ready\n/);
  const grace = Number(/terminationGracePeriodSeconds: (\d+)/.exec(app)![1]);
  const pause = Number(/sleep:\s+seconds: (\d+)/.exec(app)![1]);
  const { drainTimeoutMs } = parseConfig({}).server;
  assert(grace * 1000 > drainTimeoutMs + pause * 1000);
});

Deno.test("nginx takes the largest import, and outlives a heartbeat", async () => {
  const nginx = await read("nginx/nginx.conf");
  const { bodyLimits, sockets } = parseConfig({});

  const bodyMib = Number(/client_max_body_size (\d+)m;/.exec(nginx)![1]);
  assert(bodyMib * 2 ** 20 > bodyLimits.importBytes);
  const socket = /location \/ws\/ \{[^}]*proxy_read_timeout (\d+)s/.exec(nginx)!;
  assert(Number(socket[1]) * 1000 > 2 * sockets.heartbeatMs);
  assert(nginx.includes("proxy_set_header X-Forwarded-For $remote_addr;"));
});
