import { chromium } from "playwright-core";
const [out, ...files] = process.argv.slice(2);
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox","--disable-gpu"] });
const p = await b.newPage({ viewport: { width: files.length*400, height: 800 } });
const dir = process.env.D ?? "/tmp/look/s1";
const { writeFileSync } = await import("node:fs");
writeFileSync("/tmp/look/m.html", `<body style="margin:0;background:#888;display:flex;gap:10px;align-items:start">${files.map(f=>`<img style="width:390px;max-height:1900px;object-fit:cover;object-position:top" src="${dir}/${f}">`).join("")}`);
await p.goto("file:///tmp/look/m.html"); await p.waitForTimeout(200);
await p.screenshot({ path: out, fullPage: true }); await b.close();
