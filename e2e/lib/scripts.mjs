// Twelve texts that would do something, if a page took them for anything but text; and a look at a page that tells.

// Each begins and ends with a mark of its own: where the first stands, all of it has to.
const HOSTILE = [
  `<script>alert(1)</script><ScRiPt src=//x.example/1></ScRiPt>`,
  `" autofocus onfocus="alert(2)" data-broken="`,
  `<img src=x onerror=alert(3)><input autofocus onfocus=alert(3)>`,
  `<svg/onload=alert(4)><math><mtext><x-broken>`,
  `javascript:alert(5)//[a](javascript:alert(5))`,
  "{{1919*9323}}${1919*9323}<%= 1919*9323 %>#{1919*9323}{% raw %}{{ self }}",
  `\\u003cscript\\u003ealert(7)\\u003c/script\\u003e &lt;x-broken&gt; &#60;x-broken&#62; \uff1cscript\uff1e %3Cx-broken%3E`,
  `</textarea></title></option></select></script></p><x-broken>`,
  `;}</style><style>*{display:none!important}</style><link rel=stylesheet href=//x.example/9.css>`,
  `=cmd|' /C calc'!A0 +1 -1 @SUM(1+1)*1|"`,
  `' autofocus onfocus='alert(11)' data-broken='`,
  `--><!--><iframe srcdoc="<script>alert(12)</script>"></iframe><meta http-equiv=refresh content="0;url=//x.example"><base href=//x.example>`,
];
export const PAYLOADS = HOSTILE.map((text, n) => `zq${n + 1}q ${text} q${n + 1}qz`);

// What a page does with the texts: nothing but to show them. Gives the numbers of those that were seen, whole.
// Looks at the page that is open; or at one that was answered to `fetch`, as a browser reads it.
export function looked(page, html) {
  return page.evaluate(([payloads, html]) => {
    const document = html === undefined ? globalThis.document : new DOMParser().parseFromString(html, "text/html");
    const wrong = [];
    const flat = (text) => text.replace(/\s+/g, " ");
    // As it is; as the text of a charter or a document writes it, or a charter inside a document; as a part of an address.
    const ways = payloads.map((payload) => {
      const written = JSON.stringify(payload).slice(1, -1);
      const address = new URL(`https://x/?${payload}`).href.slice("https://x/?".length);
      return [payload, written, JSON.stringify(written).slice(1, -1), address].map(flat);
    });
    const broken = document.querySelectorAll("x-broken, [data-broken], iframe, object, embed, base, meta[http-equiv], style, svg[onload], math, [autofocus][onfocus]");
    for (const element of broken) wrong.push(`an element: ${element.outerHTML.slice(0, 200)}`);
    const texts = [];
    for (const element of document.querySelectorAll("*")) {
      for (const { name, value } of element.attributes) {
        if (name.startsWith("on")) wrong.push(`a handler: ${name}=${value}`);
        if (["href", "src", "action", "formaction"].includes(name) && /^\s*javascript:/i.test(value)) wrong.push(`an address: ${value}`);
        if (!["href", "action", "src", "id", "for", "name", "aria-describedby"].includes(name)) texts.push(value);
      }
      if (element.localName === "script" && element.textContent.trim()) wrong.push(`a script: ${element.textContent.slice(0, 200)}`);
      if ("value" in element && typeof element.value === "string") texts.push(element.value);
    }
    texts.push(document.title, document.body.textContent);
    const seen = new Set();
    for (const text of texts.map(flat)) {
      if (text.includes("17890837")) wrong.push(`a template was worked out: ${text.slice(0, 200)}`);
      ways.forEach((wholes, n) => {
        const begins = `zq${n + 1}q`;
        for (let at = text.indexOf(begins); at >= 0; at = text.indexOf(begins, at + 1)) {
          const isShown = wholes.some((whole) => {
            let same = 0;
            while (same < whole.length && text[at + same] === whole[same]) same += 1;
            // A field for an amount keeps the beginning only.
            if (at === 0 && text.length === 20 && same === 20) return true;
            // A message may show the beginning only, and closes it.
            if (same === whole.length || (same > 20 && "`…”".includes(text[at + same]))) return true;
            // Or it names the first word, where a charter has one.
            return same === begins.length && text[at - 1] === "`" && text[at + same] === "`";
          });
          if (isShown) seen.add(n + 1);
          else wrong.push(`not as it was written: ${text.slice(at, at + 200)}`);
        }
      });
    }
    return { wrong, seen: [...seen] };
  }, [PAYLOADS, html]);
}

// A charter that has all of them wherever a charter takes a text.
export function charter() {
  const text = (n) => JSON.stringify(PAYLOADS[n % PAYLOADS.length]);
  const each = (one) => PAYLOADS.map((_, n) => one(n)).join("\n");
  return `leeway = 1
name = ${text(0)}
currency = "EUR"
timezone = "UTC"
levels = ["agent", "lead", "manager"]
reasons = ["late"]
[facts.order]
carrier = { type = "text", ask = ${text(1)} }
[facts.case]
${each((n) => `said${n} = { type = "text", ask = ${text(n)}, about = ${text(n + 1)} }`)}
${each((n) => `[[issue]]\nid = "issue${n}"\ntitle = ${text(n)}\nsuggests = ["late"]`)}
[[remedy]]
id = "refund"
title = "Refund"
measure = "money"
[[remedy]]
id = "gift"
title = "Gift"
measure = "money"
[[remedy]]
id = "card"
title = "Card"
reasons = []
${each((n) => `[[remedy]]\nid = "remedy${n}"\ntitle = ${text(n)}`)}
[[allow]]
id = "refunds"
remedies = ["refund"]
level = "agent"
up_to = "10.00"
stretch = "1000000.00"
[[allow]]
id = "gifts"
remedies = ["gift"]
level = "lead"
up_to = "10.00"
[[allow]]
id = "cards"
remedies = ["card"]
level = "agent"
because = ${text(2)}
${each((n) => `[[allow]]\nid = "allow${n}"\nremedies = ["remedy${n}"]\nlevel = "agent"\nwhen = 'case.said${n} == "yes"'\nbecause = ${text(n)}`)}
[[forbid]]
id = "never"
remedies = ["remedy11"]
reasons = ["late"]
when = 'case.said10 == "no"'
because = ${text(10)}
[[group]]
id = "leads"
title = ${text(3)}
level = "lead"
hours = "shop"
`;
}
