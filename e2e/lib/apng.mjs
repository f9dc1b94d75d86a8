// Pictures as a browser makes them, made small: one by itself, or several one after the other as an animated PNG that goes round; in few colours, and of each
// picture only what differs from the one before.

import { strict as assert } from "node:assert";
import { deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from("89504e470d0a1a0a", "hex");
// Of many pictures; the last place of the palette is for what can be seen through. Of one, few are enough: two scales from ink to paper, and what is coloured.
const [COLOURS, COLOURS_OF_ONE] = [255, 95];

// A PNG in few colours.
export const still = (picture) => drawn([picture], []);

// `pictures` are PNGs of one size; each is shown for so many milliseconds, of a list one for each.
export function animated(pictures, milliseconds) {
  return drawn(pictures, [milliseconds].flat());
}

function drawn(pictures, milliseconds) {
  const read = pictures.map(pixels);
  const [{ width, height }] = read;
  assert.ok(read.every((picture) => picture.width === width && picture.height === height));
  const { palette, indexed } = inColours(read.map((picture) => picture.colours), milliseconds.length > 0 ? COLOURS : COLOURS_OF_ONE);
  const head = Buffer.concat([numbers(width, height), Buffer.of(8, 3, 0, 0, 0)]);
  const chunks = [chunk("IHDR", head)];
  if (milliseconds.length > 0) chunks.push(chunk("acTL", numbers(pictures.length, 0)));
  chunks.push(chunk("PLTE", palette));
  if (pictures.length > 1) chunks.push(chunk("tRNS", Buffer.concat([Buffer.alloc(palette.length / 3 - 1, 255), Buffer.of(0)])));
  let sequence = 0;
  indexed.forEach((now, n) => {
    const { left, top, right, bottom } = n === 0 ? { left: 0, top: 0, right: width, bottom: height } : differing(indexed[n - 1], now, width);
    const delay = milliseconds[n] ?? milliseconds.at(-1);
    // Laid over the picture before.
    const how = Buffer.of(delay >> 8, delay & 255, 1000 >> 8, 1000 & 255, 0, n === 0 ? 0 : 1);
    if (milliseconds.length > 0) chunks.push(chunk("fcTL", Buffer.concat([numbers(sequence++, right - left, bottom - top, left, top), how])));
    const seen = n === 0 ? now : now.map((colour, at) => (colour === indexed[n - 1][at] ? palette.length / 3 - 1 : colour));
    const rows = [];
    for (let y = top; y < bottom; y += 1) rows.push(Buffer.of(0), seen.subarray(y * width + left, y * width + right));
    const data = deflateSync(Buffer.concat(rows), { level: 9 });
    chunks.push(n === 0 ? chunk("IDAT", data) : chunk("fdAT", Buffer.concat([numbers(sequence++), data])));
  });
  return Buffer.concat([SIGNATURE, ...chunks, chunk("IEND", Buffer.alloc(0))]);
}

const numbers = (...all) => Buffer.concat(all.map((n) => Buffer.of((n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255)));

function chunk(kind, data) {
  const body = Buffer.concat([Buffer.from(kind, "latin1"), data]);
  return Buffer.concat([numbers(data.length), body, numbers(crc(body))]);
}

function crc(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}

// A PNG of eight bits for each of red, green and blue (and perhaps opacity, which is left out), to one number for each pixel.
function pixels(png) {
  const data = [];
  let width, height, depth;
  for (let at = SIGNATURE.length; at < png.length; ) {
    const [length, kind] = [png.readUInt32BE(at), png.toString("latin1", at + 4, at + 8)];
    const body = png.subarray(at + 8, at + 8 + length);
    if (kind === "IHDR") {
      [width, height] = [body.readUInt32BE(0), body.readUInt32BE(4)];
      assert.ok(body[8] === 8 && (body[9] === 2 || body[9] === 6) && body[12] === 0, "a PNG as Chromium makes it");
      depth = body[9] === 2 ? 3 : 4;
    }
    if (kind === "IDAT") data.push(body);
    at += length + 12;
  }
  const raw = inflateSync(Buffer.concat(data));
  const line = width * depth;
  let above = Buffer.alloc(line);
  const colours = new Uint32Array(width * height);
  for (let y = 0; y < height; y += 1) {
    const row = raw.subarray(y * (line + 1) + 1, (y + 1) * (line + 1));
    unfilter(raw[y * (line + 1)], row, above, depth);
    for (let x = 0; x < width; x += 1) colours[y * width + x] = (row[x * depth] << 16) | (row[x * depth + 1] << 8) | row[x * depth + 2];
    above = row;
  }
  return { width, height, colours };
}

function unfilter(filter, row, above, depth) {
  for (let i = 0; i < row.length; i += 1) {
    const [left, up, corner] = [i < depth ? 0 : row[i - depth], above[i], i < depth ? 0 : above[i - depth]];
    row[i] += [0, left, up, (left + up) >> 1, nearest(left, up, corner)][filter];
  }
}

function nearest(left, up, corner) {
  const [toLeft, toUp, toCorner] = [left, up, corner].map((one) => Math.abs(left + up - corner - one));
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

// The colours that are there most often; all others become the nearest of these.
function inColours(pictures, colours) {
  const often = new Map();
  for (const picture of pictures) for (const colour of picture) often.set(colour, (often.get(colour) ?? 0) + 1);
  const most = [...often].sort((a, b) => b[1] - a[1]).slice(0, colours).map(([colour]) => colour);
  const rgb = (colour) => [colour >> 16, (colour >> 8) & 255, colour & 255];
  const far = (a, b) => rgb(a).reduce((sum, part, n) => sum + (part - rgb(b)[n]) ** 2, 0);
  const place = new Map(most.map((colour, n) => [colour, n]));
  for (const colour of often.keys()) {
    if (!place.has(colour)) place.set(colour, place.get(most.reduce((best, one) => (far(one, colour) < far(best, colour) ? one : best))));
  }
  return { palette: Buffer.from([...most.flatMap(rgb), 0, 0, 0]), indexed: pictures.map((picture) => Uint8Array.from(picture, (colour) => place.get(colour))) };
}

// The smallest rectangle outside of which nothing differs; one pixel, if nothing does.
function differing(before, now, width) {
  let [left, top, right, bottom] = [Infinity, Infinity, -1, -1];
  now.forEach((colour, at) => {
    if (colour === before[at]) return;
    const [x, y] = [at % width, Math.floor(at / width)];
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
  });
  return right < 0 ? { left: 0, top: 0, right: 1, bottom: 1 } : { left, top, right: right + 1, bottom: bottom + 1 };
}
