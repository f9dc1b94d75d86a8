// Starts the program itself on the demo company, in a folder of its own, and stops it again.

import { execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const READY_MS_MAX = 20_000;
export const PASSWORD = "room to act";

// The demo company with so many days behind it, answering; by a `clock` of `clockAt`, or by the machine's. Resolves to { url, stop }. Half a year takes longer to
// make than a story waits: then `readyMsMax` says how long.
export function demo(clock, days = 0, more = [], readyMsMax = READY_MS_MAX) {
  return started(["demo", "--days", String(days), ...more], () => {}, clock, readyMsMax);
}

// An installation nobody has touched: resolves to { url, link, stop }, with the link that the terminal shows.
export async function untouched() {
  const program = await started(["serve"], () => {});
  return { ...program, link: await program.printed(/http:\S+\/begin\/[0-9a-f]{64}/) };
}

// An installation that `prepare` begins with: it is handed a function that runs the program on the database, and gives what it prints.
export function serve(prepare) {
  return started(["serve"], prepare);
}

async function started(words, prepare, clock, readyMsMax = READY_MS_MAX) {
  const program = process.env.LEEWAY_PROGRAM;
  if (!program) throw new Error("LEEWAY_PROGRAM names the program that is tested: target/debug/leeway, after cargo build");
  const folder = mkdtempSync(join(tmpdir(), "leeway-e2e-"));
  const database = fresh() ?? join(folder, "leeway.db");
  prepare((...said) => execFileSync(program, [...said, "--database", database], { encoding: "utf8" }));
  const child = spawn(program, [...words, "--listen", "127.0.0.1:0", "--database", database], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...clock?.env },
  });
  const printed = reader(child, readyMsMax);
  const stop = async () => {
    const ended = new Promise((done) => child.once("exit", done));
    if (child.exitCode === null && child.kill("SIGTERM")) await ended;
    rmSync(folder, { recursive: true, force: true });
    clock?.end();
  };
  // One that does not say where it answers is not left behind.
  const url = await printed(/http:\/\/127\.0\.0\.1:\d+/).catch(async (error) => {
    await stop();
    throw error;
  });
  return { url, stop, printed };
}

// A database of its own on the PostgreSQL server that LEEWAY_E2E_POSTGRES names; nothing where it names none.
function fresh() {
  const server = process.env.LEEWAY_E2E_POSTGRES;
  if (!server) return undefined;
  const name = `story_${randomUUID().replaceAll("-", "")}`;
  execFileSync("psql", ["--quiet", "--command", `CREATE DATABASE ${name}`, server]);
  return server.replace(/\/[^/]*$/, `/${name}`);
}

// Gives a function that resolves to what the program prints, from its start on, as soon as it fits.
function reader(child, readyMsMax) {
  let [said, ended, look] = ["", undefined, () => {}];
  child.stdout.on("data", (part) => ((said += part), look()));
  child.once("exit", (code) => ((ended = code ?? "a signal"), look()));
  return (pattern) =>
    new Promise((found, failed) => {
      const late = setTimeout(() => failed(new Error(`no ${pattern} after ${readyMsMax} ms: ${said}`)), readyMsMax);
      look = () => {
        const match = said.match(pattern);
        if (!match && ended === undefined) return;
        clearTimeout(late);
        if (match) found(match[0]);
        else failed(new Error(`ended with ${ended} before it said ${pattern}: ${said}`));
      };
      look();
    });
}
