// What the scripts that make pictures begin with: the demo company on a Tuesday at eleven, a browser, and the folder of the pictures.

import { writeFileSync } from "node:fs";

import { launch, signedIn } from "./browser.mjs";
import { clockAt } from "./clock.mjs";
import { demo } from "./leeway.mjs";

const OUT = new URL("../../docs/pictures/", import.meta.url);
const READY_MS_MAX = 120_000;
// The same whenever they are made, and however long it takes to make the company, which is begun so many minutes before.
const AT = Date.UTC(2026, 10, 24, 10);
const BEFORE_MINUTES = 3;

// `make` is handed a function that signs somebody of the company in; what it gives, once program and browser have ended, is kept by its name.
export async function pictures(days, make) {
  const [clock, began] = [clockAt(AT - BEFORE_MINUTES * 60_000), Date.now()];
  const program = await demo(clock, days, [], READY_MS_MAX);
  clock.forward(BEFORE_MINUTES - (Date.now() - began) / 60_000);
  const browser = await launch();
  let made;
  try {
    made = await make((name, options) => signedIn(browser, program.url, name, options), browser);
  } finally {
    await browser.close();
    await program.stop();
  }
  let sum = 0;
  for (const [name, drawn] of Object.entries(made)) {
    const picture = drawn();
    writeFileSync(new URL(name, OUT), picture);
    sum += picture.length;
    console.log(`${name}: ${Math.round(picture.length / 1024)} KiB`);
  }
  console.log(`${Object.keys(made).length} pictures, ${Math.round(sum / 1024)} KiB`);
}
