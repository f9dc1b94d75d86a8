// A clock that a story moves while the program runs: libfaketime, loaded into the program and into nothing else. How long something takes goes on as it is.

import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MINUTE_MS = 60_000;

// The library, where Debian has it.
function library() {
  const found = readdirSync("/usr/lib").map((of) => `/usr/lib/${of}/faketime/libfaketimeMT.so.1`).find(existsSync);
  if (!found) throw new Error("a story that moves the clock needs libfaketime: sudo apt-get install libfaketime");
  return found;
}

// The next Tuesday at an hour of UTC: in the demo company, an hour or two later.
export function tuesday(hour) {
  const at = new Date();
  at.setUTCDate(at.getUTCDate() + ((9 - at.getUTCDay()) % 7 || 7));
  return at.setUTCHours(hour, 0, 0, 0);
}

// { env, forward, end }: what the program is started with, and what moves its clock by so many minutes.
export function clockAt(at) {
  const folder = mkdtempSync(join(tmpdir(), "leeway-clock-"));
  const file = join(folder, "ahead");
  let ahead = at - Date.now();
  // Renamed, so that the program never reads half of it.
  const set = () => {
    const seconds = Math.round(ahead / 1000);
    writeFileSync(`${file}.new`, `${seconds < 0 ? "" : "+"}${seconds}\n`);
    renameSync(`${file}.new`, file);
  };
  set();
  const env = { LD_PRELOAD: library(), FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: "1", FAKETIME_DONT_FAKE_MONOTONIC: "1" };
  const forward = (minutes) => {
    ahead += minutes * MINUTE_MS;
    set();
  };
  return { env, forward, end: () => rmSync(folder, { recursive: true, force: true }) };
}
