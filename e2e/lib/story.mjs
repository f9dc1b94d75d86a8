// What most stories begin with: the demo company and a browser, from before the first test of a file to after its last.

import { after, before } from "node:test";

import { launch, signedIn } from "./browser.mjs";
import { demo } from "./leeway.mjs";

// By a `clock` of `clockAt`, or by the machine's. Gives a function that signs somebody of the company in, with a window of their own: `signedIn` of this program and this browser.
export function company(clock) {
  let program, browser;
  before(async () => {
    program = await demo(clock);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await program?.stop();
  });
  return (name, options) => signedIn(browser, program.url, name, options);
}
