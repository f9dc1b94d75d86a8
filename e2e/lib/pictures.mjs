// What the scripts that make pictures begin with: the demo company on a Tuesday at eleven, a browser, and the folder of the pictures.

import { writeFileSync } from "node:fs";

import { launch, signedIn } from "./browser.mjs";
import { clockAt } from "./clock.mjs";
import { demo } from "./leeway.mjs";

const OUT = new URL("../../docs/pictures/", import.meta.url);
// The same whenever they are made.
const AT = Date.UTC(2026, 10, 24, 10);

// `make` is handed a function that signs somebody of the company in; what it gives, once program and browser have ended, is kept by its name.
export async function pictures(days, make) {
  const program = await demo(clockAt(AT), days);
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
